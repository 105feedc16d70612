# The account page.
account-title = Your account
account-login = Signed in as
account-groups = Groups
account-next-code = Next code needed
account-every = Your organisation asks for a new one { $every }.
account-go = Go to { $portal }
account-enter-code = Enter a code now
