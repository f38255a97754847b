//! The body of a request: read up to a limit, and beyond it to its end, since a sender that is still sending hears no
//! answer.

use std::{future::poll_fn, pin::pin, time::Duration};

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use tokio::time::timeout;

use crate::fault::{Code, Fault};

/// The largest body read to its end only to be refused.
const MAX_DRAINED: usize = 32 * 1024 * 1024;

/// How long a body may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(30);

/// Reads a body of at most `max` bytes.
pub async fn read(body: Body, max: usize) -> Result<Bytes, Fault> {
    let too_large = || Fault::new(Code::TooLarge, format!("at most {max} bytes are taken"));
    let unread = |why: &str| Fault::new(Code::BodyUnread, why);
    let reading = async {
        let mut body = pin!(body);
        let mut bytes = BytesMut::new();
        let mut seen = 0;
        while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
            let frame = frame.map_err(|_| unread("the body ends before its end"))?;
            let Ok(data) = frame.into_data() else { continue };
            seen += data.len();
            if seen > max.max(MAX_DRAINED) {
                return Err(too_large());
            }
            if seen <= max {
                bytes.extend_from_slice(&data);
            }
        }
        if seen > max { Err(too_large()) } else { Ok(bytes.freeze()) }
    };
    timeout(ARRIVAL, reading).await.unwrap_or_else(|_| Err(unread("the body does not arrive")))
}
