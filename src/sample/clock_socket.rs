//! A WebSocket (RFC 6455) that tells the time once a second, by hand: text frames out, control frames answered, everything else
//! read past.

use std::io;
use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf as _, BytesMut};
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderMap, HeaderValue, StatusCode};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use sha1::{Digest as _, Sha1};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::clock::Clock;

/// From RFC 6455, section 1.3.
const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// The longest frame that is read; a longer one ends the connection.
const MAX_FRAME: usize = 64 * 1024;
const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;

/// GET with the handshake of section 4.2.
pub async fn open(mut request: Request) -> Response {
    let Some(accept) = accept(request.headers()) else {
        return (StatusCode::UPGRADE_REQUIRED, [(UPGRADE, "websocket"), (SEC_WEBSOCKET_VERSION, "13")]).into_response();
    };
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            // Whoever hangs up is gone; nobody is left to be told.
            let _ = tell(TokioIo::new(upgraded)).await;
        }
    });
    let headers = [
        (CONNECTION, HeaderValue::from_static("Upgrade")),
        (UPGRADE, HeaderValue::from_static("websocket")),
        (SEC_WEBSOCKET_ACCEPT, accept),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

fn accept(headers: &HeaderMap) -> Option<HeaderValue> {
    let is = |name, wanted: &str| headers.get(name).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(wanted.as_bytes()));
    let key = headers.get(SEC_WEBSOCKET_KEY)?.as_bytes();
    if !is(UPGRADE, "websocket") || !is(SEC_WEBSOCKET_VERSION, "13") || STANDARD.decode(key).ok()?.len() != 16 {
        return None;
    }
    let digest = Sha1::new().chain_update(key).chain_update(MAGIC).finalize();
    HeaderValue::from_str(&STANDARD.encode(digest)).ok()
}

async fn tell(mut socket: TokioIo<Upgraded>) -> io::Result<()> {
    let clock = Clock::system();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    let mut read = BytesMut::with_capacity(1024);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                let time = clock.now().wall.to_string();
                socket.write_all(&frame(TEXT, time.as_bytes())).await?;
            }
            count = socket.read_buf(&mut read) => {
                if count? == 0 {
                    return Ok(());
                }
                while let Some(heard) = take_frame(&mut read)? {
                    match heard.kind {
                        PING => socket.write_all(&frame(PONG, &heard.payload)).await?,
                        CLOSE => return socket.write_all(&frame(CLOSE, heard.payload.get(..2).unwrap_or_default())).await,
                        _ => {}
                    }
                }
            }
        }
    }
}

struct Heard {
    kind: u8,
    payload: Vec<u8>,
}

/// A frame of ours: final, unmasked, at most 125 bytes.
fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let payload = payload.get(..125).unwrap_or(payload);
    let length = u8::try_from(payload.len()).unwrap_or(125);
    [&[0x80 | kind, length], payload].concat()
}

/// Takes one whole frame of the client out of what was read (section 5.2); `None`: more is to come.
fn take_frame(read: &mut BytesMut) -> io::Result<Option<Heard>> {
    let broken = || io::Error::from(io::ErrorKind::InvalidData);
    let (kind, length, head) = match **read {
        [first, second, ..] if second & 0x80 == 0 || first & 0x70 != 0 => return Err(broken()),
        [first, 0xfe, a, b, ..] => (first & 0xf, usize::from(u16::from_be_bytes([a, b])), 4),
        [_, 0xfe, ..] => return Ok(None),
        [_, 0xff, ..] => return Err(broken()),
        [first, second, ..] => (first & 0xf, usize::from(second & 0x7f), 2),
        _ => return Ok(None),
    };
    if length > MAX_FRAME || kind >= CLOSE && length > 125 {
        return Err(broken());
    }
    let Some(body) = read.get(head..head + 4 + length) else { return Ok(None) };
    let (mask, masked) = body.split_at_checked(4).ok_or_else(broken)?;
    let payload = masked.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
    read.advance(head + 4 + length);
    Ok(Some(Heard { kind, payload }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handshake_is_the_one_of_the_standard() {
        let mut headers = HeaderMap::new();
        headers.insert(UPGRADE, HeaderValue::from_static("WebSocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        assert!(accept(&headers).is_none());
        headers.insert(SEC_WEBSOCKET_KEY, HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ=="));
        assert_eq!(accept(&headers).unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn frames_are_taken_whole() {
        let ping = [0x89, 0x82, 1, 2, 3, 4, b'h' ^ 1, b'i' ^ 2];
        for cut in 0..ping.len() {
            assert!(take_frame(&mut BytesMut::from(&ping[..cut])).unwrap().is_none(), "{cut}");
        }
        let mut read = BytesMut::from(&[&ping[..], &ping[..3]].concat()[..]);
        let heard = take_frame(&mut read).unwrap().unwrap();
        assert_eq!((heard.kind, heard.payload.as_slice(), read.len()), (PING, b"hi".as_slice(), 3));
        assert!(take_frame(&mut BytesMut::from(&[0x81, 0x02, b'h', b'i'][..])).is_err(), "unmasked");
        assert!(take_frame(&mut BytesMut::from(&[0x81, 0xff, 0, 0][..])).is_err(), "too long");
    }
}
