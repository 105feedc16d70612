# The recovery mobile, recovery by text, and what texts and their mails say.
mobile-title = Recovery mobile
mobile-ends-in = Ends in { $ending }
mobile-none = None yet
mobile-step = Mobile
mobile-lead = If you lose your phone app and your recovery codes, we can text a code to this number. Recommended, but you can skip it.
mobile-number = Mobile number
mobile-hint = With its country code. We can text to: { $countries }
mobile-submit = Confirm recovery mobile
mobile-skip = Skip for now
mobile-only = We use the number for recovery only, never for signing in.
mobile-code-title = Enter the code we texted
mobile-code-lead = A text with a six-digit code is on its way to the number that ends in { $ending }. It is good for ten minutes.
mobile-code = Code from the text
mobile-code-submit = Confirm
mobile-other = Use another number
mobile-is = Your recovery mobile ends in { $ending }.
mobile-from = It can be used for recovery from { $until } on.
mobile-change-lead = To change it, enter your password and a code from your app. We tell the old number. Your other sessions end, and your other browsers are no longer known. A new number can be used for recovery after 72 hours.
mobile-remove = Remove the recovery mobile
mobile-done = Your recovery mobile is changed. It can be used for recovery after 72 hours. You are still signed in here, and nowhere else.
mobile-removed = Your recovery mobile is removed. You are still signed in here, and nowhere else.

mobile-not-a-number = That is not a mobile number.
    .text = Write it with a plus and the country code, like +44 7400 123456.
mobile-country = We cannot text to that country.
    .text = We can text to numbers that begin with: { $countries }
mobile-kind = That number cannot get texts.
    .text = Enter the number of a mobile phone.
mobile-refused = We could not text that number.
    .text = It may have had too many texts today, or it takes none. Nothing was changed.
mobile-not-sent = We could not send the text.
    .text = Nothing was changed. Try again in a minute, or skip this step.
mobile-not-sent-inside = We could not send the text.
    .text = Nothing was changed. Try again in a minute, with a new code from your app.
mobile-slow-down = Please wait a little.
    .text = Too many texts were asked for. You can try again { $wait }. Nothing was changed.
mobile-code-malformed = That is not a six-digit code.
    .text = Enter the six digits from the text. This try was not counted.
mobile-code-wrong = That code was not right.
    .text = { $left ->
        [one] Check the newest text. You have one more try left.
       *[other] Check the newest text. You have { $left } tries left.
    }
mobile-code-gone = That code is no longer good.
    .text = It was older than ten minutes, or tried too often. Enter your number again to get a new one.

mobile-recover-title = By text and mail
mobile-recover-lead = If you have set up a recovery mobile, we can text you a code and mail you a link. You need both. Within a day of a new password by mail, the people who run this site must unlock your account first.
mobile-recover-submit = Text me a code
mobile-recover-asked = If a recovery mobile is set up for this account, we have sent two things. Both are good for ten minutes.
mobile-recover-mail = A mail: open its link, on any device, and press the button there.
mobile-recover-code = A text: enter its code here.
mobile-recover-again = Send both again
mobile-recover-nothing = Nothing comes? Then there may be no recovery mobile, or it may not be used now. Use a recovery code, or ask the people who run this site.
mobile-recover-open-mail = The code was right. Now open the link in the mail we sent you, on any device, and press the button there. Then go on here.
mobile-recover-waits = Code and link were right. To be safe, recovery waits until { $until }. Then log in here again, and ask for a new code and link.
mobile-recover-go = Go on
mobile-recover-wrong = That code was not right.
    .text = { $left ->
        [one] Check the newest text. You have one more try left.
       *[other] Check the newest text. You have { $left } tries left.
    }

mobile-link-title = Are you recovering your account?
mobile-link-lead = Somebody has entered the password of <strong>{ $login }</strong> at { $brand } and has lost the authenticator app.
mobile-link-warning = Press the button only if that is you. Whoever it is could then set up their own app.
mobile-link-submit = Yes, it is me
mobile-link-stay = If it is not you, close this page, and change your password soon: somebody knows it.
mobile-link-done-title = Thank you
mobile-link-done = Now go on in the browser in which you have entered your password. You can close this page.
mobile-link-gone-title = This link no longer works
mobile-link-gone = It has expired, has been replaced by a newer one, or has done its work. Log in again to get a new one.

mobile-mail = Recover your account at { $brand }
    .text = Somebody entered your password, and asked to recover your account with a texted code and this mail.
mobile-mail-link = I am recovering my account
    .text = Open the link on any device, and press the button there. It works until { $until }.
mobile-mail-next = Nobody is signed in by this link alone.
mobile-mail-not-me = If it was not you, do nothing here. But somebody knows your password: choose another one.
mobile-mail-waits = Recovery of your account at { $brand } has begun
    .text = Somebody showed your password, a texted code and a mailed link. After a waiting time they can set up another authenticator app.
mobile-text-code = { $brand }: { $code } is your code. Good for 10 minutes. We never ask for it.
mobile-text-changed = { $brand }: this number is no longer your recovery mobile. Not you? Open the mail we sent you.
mobile-text-waits = { $brand }: a recovery of your account has begun. It waits until { $until }. Not you? Open the mail we sent you.
