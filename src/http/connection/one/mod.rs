//! HTTP/1.1 in the task of whoever asks: no second task has to be woken for an
//! answer.

mod body;
mod head;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf, Bytes, BytesMut};
use reqwest::Method;
use reqwest::header::{CONNECTION, HeaderMap, HeaderValue, UPGRADE};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use zeroize::{Zeroize, Zeroizing};

use super::broken::Broken;
use super::message::{Answer, Outgoing, Transfer};
use super::stream::Stream;
use crate::ceilings::INTERIM;
use body::Chunked;
use head::{Framing, Head};

/// A body up to this size goes out together with the head, in one call.
const TOGETHER: usize = 16 * 1024;
/// What is asked of the system at once. It comes to the stack first, so that a
/// connection keeps no more than has come.
const READ: usize = 8 * 1024;
/// The same in the middle of a long body, which comes to where it stays.
const READ_LONG: usize = 64 * 1024;

/// Whether a request with these headers wants its connection to go on.
pub(super) fn asks_to_keep(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CONNECTION).iter();
    head::keeps(values.map(HeaderValue::as_bytes), true)
}

/// A connection, which has one exchange at a time.
pub(super) struct Http1 {
    stream: Stream,
    /// What has come and is not taken yet.
    input: BytesMut,
    /// The head of a request, and a short body. It can hold secrets, so it is
    /// wiped.
    output: Zeroizing<Vec<u8>>,
    /// Whether requests name the whole URL.
    in_full: bool,
    reusable: bool,
    /// Whether the request asks for another protocol, and whether the server has
    /// agreed.
    switching: Switching,
}

/// What becomes of the connection after the exchange.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Switching {
    Not,
    Asked,
    Agreed,
}

impl Http1 {
    pub(super) fn new(stream: Stream, in_full: bool) -> Self {
        Self {
            stream,
            in_full,
            input: BytesMut::new(),
            output: Zeroizing::default(),
            reusable: true,
            switching: Switching::Not,
        }
    }

    /// Whether the last exchange was whole, and both sides keep the connection.
    pub(super) fn is_reusable(&self) -> bool {
        self.reusable
    }

    /// The bare connection, and what has come on it already, once the server has
    /// agreed to another protocol.
    pub(super) fn switched(self) -> Option<(Stream, BytesMut)> {
        (self.switching == Switching::Agreed).then_some((self.stream, self.input))
    }

    /// Whether nothing has come since, not even an end.
    pub(super) fn is_quiet(&mut self) -> bool {
        let mut byte = [0];
        let mut byte = ReadBuf::new(&mut byte);
        let mut cx = Context::from_waker(Waker::noop());
        Pin::new(&mut self.stream)
            .poll_read(&mut cx, &mut byte)
            .is_pending()
    }

    /// Sends a request and reads the answer to its end.
    pub(super) async fn exchange(
        &mut self,
        request: Outgoing<'_>,
        transfer: &mut Transfer,
    ) -> Result<Answer, Broken> {
        self.reusable = false;
        let (method, clock, most) = (request.method, request.clock, request.max_body);
        let keeps = asks_to_keep(request.headers);
        if request.headers.contains_key(UPGRADE) {
            self.switching = Switching::Asked;
        }
        let goes_together = request.length() <= TOGETHER;
        head::write(&request, self.in_full, &mut self.output);
        let mut rest = Rest {
            written: 0,
            head: self.output.len(),
            is_sent: false,
            body: VecDeque::new(),
        };
        if goes_together {
            for piece in request.body {
                self.output.extend_from_slice(piece);
            }
        } else {
            rest.body.clone_from(request.body);
        }
        let mut interim = 0;
        let early = self.send(method, &mut rest, &mut interim, transfer).await;
        self.output.zeroize();
        let head = match early? {
            Some(early) => early,
            None => self.read_head(method, &mut interim, transfer).await?,
        };
        transfer.first_byte = Some(clock.now());
        let body = self.body(head.framing, most, transfer).await?;
        self.reusable = keeps && head.persistent && rest.is_sent && self.input.is_empty();
        if self.switching == Switching::Agreed {
            self.reusable = false;
        } else if self.input.capacity() > READ {
            self.input = BytesMut::new();
        }
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
        })
    }

    /// Sends a request. An answer that comes before all of it is sent is the
    /// answer; so is what a server has said before it closed.
    async fn send(
        &mut self,
        method: &Method,
        rest: &mut Rest,
        interim: &mut usize,
        transfer: &mut Transfer,
    ) -> Result<Option<Head>, Broken> {
        loop {
            let wrote = poll_fn(|cx| self.poll_send(cx, rest, transfer)).await;
            match wrote {
                Ok(true) => return Ok(None),
                Ok(false) => {}
                Err(error) => {
                    let last_words = self.read_head(method, interim, transfer).await;
                    return last_words.map(Some).map_err(|_| error);
                }
            }
            if let Some(head) = self.head(method, interim)? {
                return Ok(Some(head));
            }
        }
    }

    /// True when everything is sent, false when something has come before.
    fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        rest: &mut Rest,
        transfer: &mut Transfer,
    ) -> Poll<Result<bool, Broken>> {
        while let Some(bytes) = rest.next(&self.output) {
            match Pin::new(&mut self.stream).poll_write(cx, bytes) {
                Poll::Ready(Ok(0)) => {
                    return Poll::Ready(Err(io::Error::from(io::ErrorKind::WriteZero).into()));
                }
                Poll::Ready(Ok(written)) => {
                    rest.advance(written, self.output.len());
                    transfer.begun = true;
                    transfer.sent = rest.written.saturating_sub(rest.head) as u64;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
                Poll::Pending => {
                    return match ready!(self.poll_fill(cx, transfer)) {
                        Ok(()) => Poll::Ready(Ok(false)),
                        Err(error) => Poll::Ready(Err(error)),
                    };
                }
            }
        }
        rest.is_sent = true;
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        Poll::Ready(Ok(true))
    }

    /// The head of the answer, once all of it has come.
    async fn read_head(
        &mut self,
        method: &Method,
        interim: &mut usize,
        transfer: &mut Transfer,
    ) -> Result<Head, Broken> {
        loop {
            if let Some(head) = self.head(method, interim)? {
                return Ok(head);
            }
            self.fill(transfer).await?;
        }
    }

    /// The head of the answer, after interim ones; `None` when more must come.
    fn head(&mut self, method: &Method, interim: &mut usize) -> Result<Option<Head>, Broken> {
        while !self.input.is_empty() {
            let Some(head) = head::read(method, &mut self.input)? else {
                break;
            };
            if head.status == reqwest::StatusCode::SWITCHING_PROTOCOLS {
                if self.switching == Switching::Asked {
                    self.switching = Switching::Agreed;
                    return Ok(Some(head));
                }
                return Err(Broken::protocol("the server switches to another protocol"));
            }
            if !head.status.is_informational() {
                return Ok(Some(head));
            }
            *interim += 1;
            if *interim > INTERIM {
                return Err(Broken::too_many_interim());
            }
        }
        Ok(None)
    }

    /// The body of an answer, of so many bytes at most.
    async fn body(
        &mut self,
        framing: Framing,
        most: u64,
        transfer: &mut Transfer,
    ) -> Result<Zeroizing<Vec<u8>>, Broken> {
        let mut body = Zeroizing::new(Vec::new());
        match framing {
            Framing::Length(length) if length > most => return Err(Broken::TooLong(most)),
            Framing::Length(length) => {
                // No more than has come is believed.
                body.reserve(usize::try_from(length).unwrap_or(READ_LONG).min(READ_LONG));
                let mut left = length;
                loop {
                    let here = usize::try_from(left)
                        .unwrap_or(usize::MAX)
                        .min(self.input.len());
                    body.extend_from_slice(&self.input[..here]);
                    self.input.advance(here);
                    left -= here as u64;
                    transfer.received = length - left;
                    if left == 0 {
                        break;
                    }
                    self.fill_long(transfer).await?;
                }
            }
            Framing::Chunked => {
                let mut chunked = Chunked::default();
                loop {
                    let is_whole = chunked.decode(&mut self.input, &mut body)?;
                    transfer.received = within(most, body.len())?;
                    if is_whole {
                        break;
                    }
                    self.fill(transfer).await?;
                }
            }
            Framing::UntilClose => loop {
                // Before it grows: twice the ceiling would be taken for it.
                transfer.received = within(most, body.len() + self.input.len())?;
                body.extend_from_slice(&self.input);
                self.input.clear();
                match self.fill_long(transfer).await {
                    Ok(()) => {}
                    Err(Broken::Ended) => break,
                    Err(error) => return Err(error),
                }
            },
        }
        Ok(body)
    }

    /// Reads something more.
    async fn fill(&mut self, transfer: &mut Transfer) -> Result<(), Broken> {
        poll_fn(|cx| self.poll_fill(cx, transfer)).await
    }

    /// Reads something more, of which much is to come.
    async fn fill_long(&mut self, transfer: &mut Transfer) -> Result<(), Broken> {
        self.input.reserve(READ_LONG);
        let read = self.stream.read_buf(&mut self.input).await?;
        heard(read, transfer)
    }

    fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        transfer: &mut Transfer,
    ) -> Poll<Result<(), Broken>> {
        let mut space = [const { MaybeUninit::uninit() }; READ];
        let mut read = ReadBuf::uninit(&mut space);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read))?;
        self.input.extend_from_slice(read.filled());
        Poll::Ready(heard(read.filled().len(), transfer))
    }
}

/// So many bytes have come; none are the end.
fn heard(bytes: usize, transfer: &mut Transfer) -> Result<(), Broken> {
    transfer.heard |= bytes > 0;
    if bytes == 0 {
        return Err(Broken::Ended);
    }
    Ok(())
}

/// The length of a body of so many bytes at most.
fn within(most: u64, length: usize) -> Result<u64, Broken> {
    let length = length as u64;
    if length > most {
        return Err(Broken::TooLong(most));
    }
    Ok(length)
}

/// What is still to be sent.
struct Rest {
    /// Bytes that are sent.
    written: usize,
    /// Length of the head.
    head: usize,
    /// What goes out after the output.
    body: VecDeque<Bytes>,
    is_sent: bool,
}

impl Rest {
    /// What is to be sent next, the output first.
    fn next<'r>(&'r self, output: &'r [u8]) -> Option<&'r [u8]> {
        match output.get(self.written..) {
            Some(rest) if !rest.is_empty() => Some(rest),
            _ => self.body.front().map(Bytes::as_ref),
        }
    }

    fn advance(&mut self, by: usize, output: usize) {
        if self.written >= output
            && let Some(piece) = self.body.front_mut()
        {
            piece.advance(by);
            if piece.is_empty() {
                self.body.pop_front();
            }
        }
        self.written += by;
    }
}
