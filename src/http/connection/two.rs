//! HTTP/2: many streams on a connection, which a task of its own drives.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use h2::{RecvStream, SendStream};
use http::{Request, Uri, Version};
use reqwest::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, TRANSFER_ENCODING};
use url::Position;
use zeroize::Zeroizing;

use super::broken::Broken;
use super::message::{Answer, Outgoing, Transfer};
use super::open::Open;
use super::stream::Stream;
use crate::ceilings::{HEAD, INTERIM};

/// What a server may send of one answer before it is read, in bytes.
const STREAM_WINDOW: u32 = 1 << 20;
/// The same of all answers together.
const CONNECTION_WINDOW: u32 = 4 << 20;

/// A connection. Clones are the same.
#[derive(Clone)]
pub(super) struct Http2 {
    send: SendRequest<Bytes>,
    streams: Arc<AtomicUsize>,
}

impl Http2 {
    /// Says hello. `open` is held until the connection is closed.
    pub(super) async fn handshake(stream: Stream, mut open: Open) -> Result<Self, Broken> {
        let (send, connection) = Builder::new()
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(HEAD)
            .enable_push(false)
            .handshake(stream)
            .await?;
        let streams = Arc::<AtomicUsize>::default();
        let used = Arc::downgrade(&streams);
        tokio::spawn(async move {
            // Whoever has a stream hears of it there.
            let _ = connection.await;
            if used.strong_count() > 0 {
                open.close_by_server();
            }
        });
        Ok(Self { send, streams })
    }

    /// Whether it takes streams at all.
    pub(super) fn is_open(&mut self) -> bool {
        let ready = self
            .send
            .poll_ready(&mut Context::from_waker(Waker::noop()));
        !matches!(ready, Poll::Ready(Err(_)))
    }

    /// Whether the server takes a further stream now.
    pub(super) fn has_room(&self) -> bool {
        self.streams.load(Ordering::Relaxed) < self.send.current_max_send_streams()
    }

    /// Sends a request and reads the answer to its end.
    pub(super) async fn exchange(
        &mut self,
        request: Outgoing<'_>,
        transfer: &mut Transfer,
    ) -> Result<Answer, Broken> {
        let _active = Active::of(&self.streams);
        let (clock, most) = (request.clock, request.max_body);
        let head = head(&request)?;
        let mut body = request.body.clone();
        let mut send = self.send.clone().ready().await?;
        let (answer, mut stream) = send.send_request(head, body.is_empty())?;
        transfer.begun = true;
        let mut answer = answer;
        let mut interim = 0;
        let answer = poll_fn(|cx| {
            while let Poll::Ready(Some(one)) = answer.poll_informational(cx) {
                interim += 1;
                if let Err(error) = one {
                    return Poll::Ready(Err(error.into()));
                }
                if interim > INTERIM {
                    return Poll::Ready(Err(Broken::too_many_interim()));
                }
            }
            let polled = Pin::new(&mut answer).poll(cx).map_err(Broken::from);
            if polled.is_pending() {
                send_body(cx, &mut stream, &mut body, transfer);
            }
            polled
        })
        .await?;
        transfer.heard = true;
        transfer.first_byte = Some(clock.now());
        let (head, incoming) = answer.into_parts();
        let told = head.headers.get(CONTENT_LENGTH);
        let told = told.and_then(|length| length.to_str().ok()?.parse().ok());
        Ok(Answer {
            status: head.status,
            headers: head.headers.into(),
            body: read_body(incoming, told, most, transfer).await?,
        })
    }
}

/// The head of a request, without what HTTP/2 says in other ways (RFC 9113, 8.2.2).
fn head(request: &Outgoing<'_>) -> Result<Request<()>, Broken> {
    let uri = Uri::try_from(&request.url[..Position::AfterQuery]);
    let mut head = Request::new(());
    *head.uri_mut() = uri.map_err(|error| Broken::protocol(error.to_string()))?;
    *head.method_mut() = request.method.clone();
    *head.version_mut() = Version::HTTP_2;
    let mut headers = HeaderMap::with_capacity(request.headers.len() + 3);
    for (name, value) in request.fields() {
        if ![CONNECTION, HOST, TRANSFER_ENCODING].contains(name) {
            headers.append(name, value.clone());
        }
    }
    if let Some(length) = request.told_length() {
        headers.entry(CONTENT_LENGTH).or_insert(length.into());
    }
    *head.headers_mut() = headers;
    Ok(head)
}

/// Sends as much of the body as the server takes. Should it take no more of it,
/// its answer says why.
fn send_body(
    cx: &mut Context<'_>,
    stream: &mut SendStream<Bytes>,
    body: &mut VecDeque<Bytes>,
    transfer: &mut Transfer,
) {
    while let Some(piece) = body.front_mut() {
        stream.reserve_capacity(piece.len());
        let capacity = match stream.capacity() {
            0 => match stream.poll_capacity(cx) {
                Poll::Ready(Some(Ok(capacity))) => capacity,
                Poll::Ready(_) => return body.clear(),
                Poll::Pending => return,
            },
            capacity => capacity,
        };
        let part = piece.split_to(capacity.min(piece.len()));
        if piece.is_empty() {
            body.pop_front();
        }
        let length = part.len() as u64;
        if stream.send_data(part, body.is_empty()).is_err() {
            return body.clear();
        }
        transfer.sent += length;
    }
}

async fn read_body(
    mut incoming: RecvStream,
    told: Option<u64>,
    most: u64,
    transfer: &mut Transfer,
) -> Result<Zeroizing<Vec<u8>>, Broken> {
    let mut body = Zeroizing::new(Vec::new());
    if told.is_some_and(|length| length > most) {
        return Err(Broken::TooLong(most));
    }
    while let Some(piece) = incoming.data().await {
        let piece = piece?;
        if (body.len() + piece.len()) as u64 > most {
            return Err(Broken::TooLong(most));
        }
        body.extend_from_slice(&piece);
        transfer.received = body.len() as u64;
        incoming.flow_control().release_capacity(piece.len())?;
    }
    Ok(body)
}

/// A stream that is in use.
struct Active<'a>(&'a AtomicUsize);

impl<'a> Active<'a> {
    fn of(streams: &'a AtomicUsize) -> Self {
        streams.fetch_add(1, Ordering::Relaxed);
        Self(streams)
    }
}

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
