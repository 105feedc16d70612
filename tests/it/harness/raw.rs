//! Bytes exactly as written: for what no client library would send.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::Browser;

/// Writes these bytes on a TLS connection of their own and reads until the gate closes or falls silent for a second.
pub async fn exchange(browser: &Browser, bytes: &[u8]) -> Vec<u8> {
    let mut stream = browser.connect().await;
    stream.write_all(bytes).await.unwrap();
    read_all(&mut stream).await
}

/// Reads until the end, or until nothing has come for a second.
pub async fn read_all(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Vec<u8> {
    let mut all = Vec::new();
    while let Ok(Ok(1..)) = tokio::time::timeout(Duration::from_secs(1), stream.read_buf(&mut all)).await {}
    all
}

/// Bytes over plain HTTP, and the head of what comes back.
pub async fn plain_head(addr: SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let answer = String::from_utf8(read_all(&mut stream).await).unwrap();
    answer.split("\r\n\r\n").next().unwrap().to_owned()
}

/// GET over plain HTTP: status and body.
pub async fn plain_get(addr: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}
