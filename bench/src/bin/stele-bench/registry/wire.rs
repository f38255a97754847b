//! HTTP/1.1 over a connection that is kept, as cheap as it can be: the client must not be what is measured.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::Trouble;

/// A request for what is at a path.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n").into_bytes()
}

/// A request with a body of JSON.
pub fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A connection.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Wire {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Wire, Trouble> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Wire { stream, buffer: Vec::with_capacity(8192) })
    }

    /// Sends a request and takes the whole of the answer, which must be a good one; its body.
    pub async fn ask(&mut self, request: &[u8]) -> Result<&[u8], Trouble> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the connection was closed".into());
            }
            if let Some((start, length)) = body(&self.buffer)
                && self.buffer.len() >= start + length
            {
                if !self.buffer.starts_with(b"HTTP/1.1 200") {
                    return Err(String::from_utf8_lossy(&self.buffer).into_owned().into());
                }
                return Ok(&self.buffer[start..start + length]);
            }
        }
    }
}

/// Where the body begins, and how long it is; nothing while the head is not whole.
fn body(buffer: &[u8]) -> Option<(usize, usize)> {
    let end = buffer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&buffer[..end]).ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") { value.trim().parse().ok() } else { None }
    });
    Some((end + 4, length.unwrap_or(0)))
}
