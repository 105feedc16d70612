//! Where WebSocket frames begin and end, so that a frame of ours never lands inside one of the upstream's.

/// Follows a stream of frames (RFC 6455, section 5.2) without keeping any of it.
#[derive(Debug, Default)]
pub(super) struct Frames {
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Between two frames.
    #[default]
    Between,
    /// After the first byte.
    Length,
    /// So many bytes of an extended length to come, and what they say so far.
    Extended { left: u8, length: u64, mask: bool },
    /// So many bytes of mask and payload to come.
    Inside(u64),
}

impl Frames {
    /// Notes what passes.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) {
        while let Some((byte, rest)) = bytes.split_first() {
            self.state = match self.state {
                State::Inside(left) => {
                    let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    bytes = bytes.get(taken..).unwrap_or_default();
                    inside(left - u64::try_from(taken).unwrap_or(left))
                }
                State::Between => {
                    bytes = rest;
                    State::Length
                }
                State::Length => {
                    bytes = rest;
                    let mask = byte & 0x80 != 0;
                    match byte & 0x7f {
                        126 => State::Extended { left: 2, length: 0, mask },
                        127 => State::Extended { left: 8, length: 0, mask },
                        length => payload(length.into(), mask),
                    }
                }
                State::Extended { left, length, mask } => {
                    bytes = rest;
                    let length = length << 8 | u64::from(*byte);
                    if left > 1 { State::Extended { left: left - 1, length, mask } } else { payload(length, mask) }
                }
            };
        }
    }

    /// How many of these bytes belong to the frame that is under way; `None`: all, and it goes on.
    pub(super) fn boundary(&self, bytes: &[u8]) -> Option<usize> {
        let mut ahead = Self { state: self.state };
        let mut at = 0_usize;
        while !ahead.is_between() {
            // A payload in one step, since it may be long; what is around it byte by byte.
            let step = match ahead.state {
                State::Inside(left) => usize::try_from(left).unwrap_or(usize::MAX),
                _ => 1,
            };
            let end = at.saturating_add(step);
            ahead.pass(bytes.get(at..end)?);
            at = end;
        }
        Some(at)
    }

    /// Whether a frame of ours could stand here.
    pub(super) fn is_between(&self) -> bool {
        self.state == State::Between
    }
}

fn payload(length: u64, mask: bool) -> State {
    inside(length.saturating_add(if mask { 4 } else { 0 }))
}

fn inside(left: u64) -> State {
    if left == 0 { State::Between } else { State::Inside(left) }
}

/// A close frame as a server sends it; `reason` has at most 123 bytes.
pub(super) fn close(code: u16, reason: &str) -> Vec<u8> {
    let reason = reason.as_bytes().get(..reason.len().min(123)).unwrap_or_default();
    let mut frame = vec![0x88, u8::try_from(reason.len() + 2).unwrap_or(125)];
    frame.extend_from_slice(&code.to_be_bytes());
    frame.extend_from_slice(reason);
    frame
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(payload: usize, mask: bool) -> Vec<u8> {
        let bit = if mask { 0x80 } else { 0 };
        let mut frame = vec![0x82];
        match payload {
            0..126 => frame.push(bit | u8::try_from(payload).unwrap()),
            126..65536 => {
                frame.push(bit | 0x7e);
                frame.extend_from_slice(&u16::try_from(payload).unwrap().to_be_bytes());
            }
            _ => {
                frame.push(bit | 0x7f);
                frame.extend_from_slice(&(payload as u64).to_be_bytes());
            }
        }
        frame.resize(frame.len() + payload + if mask { 4 } else { 0 }, 0x55);
        frame
    }

    proptest! {
        #[test]
        fn it_is_between_frames_exactly_at_their_ends(
            sizes in prop::collection::vec((prop_oneof![0..130usize, 65530..65540usize], any::<bool>()), 1..5), step in 1..70000usize) {
            let mut ends = vec![0];
            let mut bytes = Vec::new();
            for (size, mask) in sizes {
                bytes.extend(frame(size, mask));
                ends.push(bytes.len());
            }
            let mut frames = Frames::default();
            let mut at = 0;
            for chunk in bytes.chunks(step) {
                prop_assert_eq!(frames.is_between(), ends.contains(&at));
                frames.pass(chunk);
                at += chunk.len();
            }
            prop_assert!(frames.is_between());
        }

        #[test]
        fn the_next_boundary_is_found_ahead(size in 0..70000usize, mask in any::<bool>(), cut in 1..70000usize) {
            let bytes = frame(size, mask);
            let cut = cut.min(bytes.len() - 1);
            let (before, after) = bytes.split_at(cut);
            let mut frames = Frames::default();
            prop_assert_eq!(frames.boundary(&bytes), Some(0));
            frames.pass(before);
            prop_assert_eq!(frames.boundary(&[after, &[0x81, 1]].concat()), Some(after.len()));
            prop_assert_eq!(frames.boundary(&after[..after.len() - 1]), None);
        }
    }

    #[test]
    fn the_close_frame_is_whole() {
        assert_eq!(close(1008, "over"), [0x88, 6, 0x03, 0xf0, b'o', b'v', b'e', b'r']);
        let mut frames = Frames::default();
        frames.pass(&close(1008, &"x".repeat(200)));
        assert!(frames.is_between());
    }

    #[test]
    fn a_length_that_nobody_can_send_does_not_wrap() {
        let mut frames = Frames::default();
        frames.pass(&[0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]);
        assert!(!frames.is_between());
    }
}
