//! Section F: codes, recovery, texts, enrolment.
