//! Load: the same request again and again over kept connections, by a client that costs next to nothing.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    task::JoinSet,
};

/// How many connections there are.
pub const CONNECTIONS: usize = 64;

/// How it went.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// Answers a second.
    pub rate: f64,
    /// What 99 of 100 are within, in seconds.
    pub p99: f64,
}

/// An event as a request to a path.
pub fn request(url: &str, path: &str, event_type: &str, body: &str) -> (String, Vec<u8>) {
    let host = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\nce-specversion: 1.0\r\nce-id: 7\r\nce-source: /bench\r\nce-type: {event_type}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    (host, request.into_bytes())
}

/// Sends for a while.
pub async fn hammer(host: &str, request: &[u8], status: u16, time: Duration) -> Figures {
    let mut tasks = JoinSet::new();
    let start = Instant::now();
    for _ in 0..CONNECTIONS {
        let (host, request) = (host.to_owned(), request.to_vec());
        tasks.spawn(async move {
            let mut times: Vec<Duration> = Vec::new();
            let stream = TcpStream::connect(&host).await.expect("it listens");
            stream.set_nodelay(true).expect("a socket");
            let mut stream = BufReader::new(stream);
            while start.elapsed() < time {
                let sent = Instant::now();
                stream.get_mut().write_all(&request).await.expect("it reads");
                assert_eq!(answer(&mut stream).await, status, "the answer is what it should be");
                times.push(sent.elapsed());
            }
            times
        });
    }
    let mut times: Vec<Duration> = tasks.join_all().await.concat();
    let elapsed = start.elapsed().as_secs_f64();
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    let answers = u32::try_from(times.len()).unwrap_or(u32::MAX);
    Figures { rate: f64::from(answers) / elapsed, p99: p99.as_secs_f64() }
}

/// Reads one answer to its end; its status.
async fn answer(stream: &mut BufReader<TcpStream>) -> u16 {
    let (mut line, mut status, mut length) = (String::new(), 0, 0);
    loop {
        line.clear();
        stream.read_line(&mut line).await.expect("it answers");
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        if let Some(rest) = text.strip_prefix("HTTP/1.1 ") {
            status = rest[..3].parse().unwrap_or_default();
        } else if let Some((name, value)) = text.split_once(": ")
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.parse().unwrap_or_default();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("the whole answer");
    status
}

/// The middle of several figures, each for itself.
pub fn middle(mut figures: Vec<Figures>) -> Figures {
    let half = figures.len() / 2;
    figures.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    let rate = figures[half].rate;
    figures.sort_by(|one, other| one.p99.total_cmp(&other.p99));
    Figures { rate, p99: figures[half].p99 }
}
