//! What is read of answers that nobody measures.

use crate::numbers::size;

/// Why the body of an answer was not read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It did not come, or not whole.
    #[error(transparent)]
    Broken(#[from] reqwest::Error),
    /// It has more than so many bytes.
    #[error("the answer has more than {}", size(*.0))]
    TooLong(u64),
}

/// The body of an answer of at most so many bytes.
///
/// # Errors
/// When it is longer, or does not come.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the reader that all others are refused for"
)]
pub async fn read_body(mut answer: reqwest::Response, most: u64) -> Result<Vec<u8>, BodyError> {
    if answer.content_length().is_some_and(|length| length > most) {
        return Err(BodyError::TooLong(most));
    }
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        if (body.len() + piece.len()) as u64 > most {
            return Err(BodyError::TooLong(most));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::{BodyError, read_body};
    use crate::http::client_builder;

    /// What comes of an answer of which this is sent, again and again.
    async fn read(head: &'static [u8], rest: &'static [u8]) -> Result<Vec<u8>, BodyError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(head).await;
            while !rest.is_empty() && stream.write_all(rest).await.is_ok() {}
        });
        let client = client_builder().no_proxy().build().unwrap();
        read_body(client.get(url).send().await.unwrap(), 100).await
    }

    #[tokio::test]
    async fn an_answer_is_read_up_to_its_ceiling() {
        let good = read(b"HTTP/1.1 200 OK\r\n\r\nhello", b"").await;
        assert_eq!(good.unwrap(), b"hello");
        let endless = read(b"HTTP/1.1 200 OK\r\n\r\n", b"hello").await;
        let told = read(b"HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n", b"").await;
        for error in [endless, told] {
            let error = error.unwrap_err().to_string();
            assert_eq!(error, "the answer has more than 100 B");
        }
    }
}
