//! How large a head may be, in whatever pieces it comes.

use super::{Said, get, say};
use crate::attacks::arena::{Arena, MARK, Speaks, Way};
use crate::harness::frames::{self, END_HEADERS, END_STREAM, Field, block, frame, kind};
use crate::harness::{Front, HOST};

#[tokio::test(flavor = "multi_thread")]
async fn a22_cookies_in_pieces_and_heads_without_end() {
    let arena = Arena::open().await;
    for lines in [
        "A: b\r\n".repeat(101),
        "A: b\r\n".repeat(20_000),
        format!("A: {}\r\n", MARK.repeat(90_000)),
        format!("{}: b\r\n", "a".repeat(1 << 20)),
    ] {
        let said = say(&arena, Front::Direct, get(lines.trim_end())).await;
        assert_eq!((said.statuses(), said.closed), (vec![431], true), "{}: {}", lines.len(), said.text);
    }
    let said = say(&arena, Front::Direct, format!("GET /open/{} HTTP/1.1\r\nHost: {HOST}\r\n\r\n", "x".repeat(1 << 20))).await;
    assert!(matches!(said.statuses()[..], [414 | 431]) && said.closed, "{}", said.text);
    let pieces = "Cookie: a=b\r\n".repeat(300);
    let Said { text, closed } = say(&arena, Front::Direct, get(pieces.trim_end())).await;
    assert!(text.starts_with("HTTP/1.1 431 ") && closed, "{text}");
    // HTTP/2: a field of each cookie, and more of them than lines are taken; one list of a MiB; one without end.
    let long = vec![b'x'; 60_000];
    let piece: Field<'_> = (b"cookie", b"a=b");
    for (fields, what) in
        [(vec![piece; 300], "pieces"), (vec![(&b"a"[..], &b"b"[..]); 2000], "lines"), (vec![(&b"a"[..], &long[..]); 20], "a MiB")]
    {
        let mut frames = arena.frames(Front::Direct).await;
        let mut all = frames::request("GET", HOST, "/open/x");
        all.extend(fields);
        let (stream, block) = (frames.stream(), block(&all));
        let mut parts = block.chunks(16_000).peekable();
        let mut bytes =
            frame(kind::HEADERS, END_STREAM | if block.len() > 16_000 { 0 } else { END_HEADERS }, stream, parts.next().unwrap());
        while let Some(part) = parts.next() {
            let flags = if parts.peek().is_none() { END_HEADERS } else { 0 };
            bytes.extend(frame(kind::CONTINUATION, flags, stream, part));
        }
        frames.send(bytes).await;
        let outcome = frames.outcome(stream).await;
        assert!(outcome.status == Some(431) || outcome.is_error(), "{what}: {outcome:?}");
    }
    let mut frames = arena.frames(Front::Direct).await;
    let stream = frames.stream();
    frames.send(frame(kind::HEADERS, END_STREAM, stream, &block(&frames::request("GET", HOST, "/open/x")))).await;
    for _ in 0..2000 {
        frames.send(frame(kind::CONTINUATION, 0, stream, &block(&[(b"a", &[b'x'; 1000])]))).await;
    }
    let outcome = frames.outcome(stream).await;
    assert!(outcome.status == Some(431) || outcome.is_error() || outcome.closed, "{outcome:?}");
    drop(frames);
    arena.nothing_came("heads without end");
    arena.innocent("heads without end").await;
    // As many pieces as browsers send are one line upstream, without ours.
    let mut browser = arena.attacking(Way { speaks: Speaks::Http2, front: Front::Direct });
    for number in 0..50 {
        browser.cookies.insert(format!("c{number:02}"), "v".to_owned());
    }
    let fields: Vec<(String, String)> = browser.cookies.clone().into_iter().collect();
    let pieces: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut all = frames::request("GET", HOST, "/inside");
    all.extend(pieces.iter().map(|piece| (&b"cookie"[..], piece.as_bytes())));
    let mut frames = arena.frames(Front::Direct).await;
    let stream = frames.ask(&all).await;
    assert_eq!(frames.outcome(stream).await.status, Some(200));
    let last = arena.upstream.last();
    assert_eq!(last.all("cookie"), [(0..50).map(|number| format!("c{number:02}=v")).collect::<Vec<_>>().join("; ")]);
    drop(frames);
    arena.innocent("cookies in pieces").await;
}
