# Around every page, and whatever several pages say.
title-wrong = Please check:
language-switch = Language
links-label = Further links
skip-to-content = Skip to the content
page-ends-login = This page expires { $left }. After that you start again with your password.
page-ends-link = This link expires { $left }. After that you need a new one.
page-ends-inside = This page expires { $left }. After that you start again from your account.
request-number = If you ask for help, tell them this number:
go-to-portal = Go to the portal
open-in-whole-window = Open in the whole window
try-again = Try again
help-below = How to reach them is written below.
copy = Copy
copied = Copied
print = Print
sign-out = Sign out
log-in = Log in

# Times
in-seconds = { $number ->
    [one] in { $number } second
   *[other] in { $number } seconds
}
in-minutes = { $number ->
    [one] in { $number } minute
   *[other] in { $number } minutes
}
in-hours = { $number ->
    [one] in { $number } hour
   *[other] in { $number } hours
}
in-days = { $number ->
    [one] in { $number } day
   *[other] in { $number } days
}
every-seconds = { $number ->
    [1] every second
   *[other] every { $number } seconds
}
every-minutes = { $number ->
    [1] every minute
   *[other] every { $number } minutes
}
every-hours = { $number ->
    [1] every hour
   *[other] every { $number } hours
}
every-days = { $number ->
    [1] every day
   *[other] every { $number } days
}
date = { $month ->
    [1] { $day } January { $year }
    [2] { $day } February { $year }
    [3] { $day } March { $year }
    [4] { $day } April { $year }
    [5] { $day } May { $year }
    [6] { $day } June { $year }
    [7] { $day } July { $year }
    [8] { $day } August { $year }
    [9] { $day } September { $year }
    [10] { $day } October { $year }
    [11] { $day } November { $year }
   *[12] { $day } December { $year }
}
moment = { $date }, { $time } UTC
