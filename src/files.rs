//! The one door to files that somebody names: regular ones, opened without
//! waiting, and read up to a ceiling. Streams are read up to one here as well.
//!
//! What a path may be (below a folder, say) is for [`open`] to hold: everything
//! goes through it, and `clippy.toml` refuses the other ways.

use std::fs::{File, FileType, OpenOptions};
use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use zeroize::Zeroizing;

use crate::numbers::size;

/// Opens a regular file for reading. A pipe without a writer would be waited for,
/// and a device has no end: those are refused, with what they are.
///
/// # Errors
/// When there is none, or it is something else.
pub fn open(path: &Path) -> io::Result<File> {
    open_kind(path, regular)
}

/// The same for a path that somebody has just typed, of what is short and read
/// once: a pipe is read as well, and given up when nothing comes for so long.
///
/// # Errors
/// When there is none, or it is something else.
pub fn open_or_pipe(path: &Path, patience: Duration) -> io::Result<Typed> {
    let file = open_kind(path, |kind| {
        if kind.is_fifo() {
            return Ok(());
        }
        regular(kind)
    })?;
    Ok(Typed { file, patience })
}

fn open_kind(path: &Path, permitted: fn(FileType) -> io::Result<()>) -> io::Result<File> {
    permitted(std::fs::metadata(path)?.file_type())?;
    // Between the two it may have been replaced.
    let wait_for_nobody = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let mut options = OpenOptions::new();
    let file = options
        .read(true)
        .custom_flags(wait_for_nobody)
        .open(path)?;
    permitted(file.metadata()?.file_type())?;
    Ok(file)
}

/// A regular file, or a pipe that is read without waiting for ever.
pub struct Typed {
    file: File,
    patience: Duration,
}

impl Typed {
    /// What is open.
    pub fn file(&self) -> &File {
        &self.file
    }
}

impl Read for Typed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // One that nobody has written to yet would be read as one that has ended.
        let mut waits = [PollFd::new(&self.file, PollFlags::IN)];
        let patience = Timespec::try_from(self.patience).map_err(io::Error::other)?;
        match poll(&mut waits, Some(&patience))? {
            0 => {
                let seconds = self.patience.as_secs();
                let message = format!("nothing has come through the pipe for {seconds} s");
                Err(io::Error::new(ErrorKind::TimedOut, message))
            }
            _ => self.file.read(buffer),
        }
    }
}

/// Has a file that is made, or locked, be the one that is named, and not what a
/// link of that name leads to: in a folder that others write to, one could lead
/// anywhere.
pub fn through_no_link(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
}

fn regular(kind: FileType) -> io::Result<()> {
    let what = match kind {
        kind if kind.is_file() => return Ok(()),
        kind if kind.is_dir() => "directory",
        kind if kind.is_fifo() => "pipe",
        kind if kind.is_socket() => "socket",
        _ => "device",
    };
    let kind = match what {
        "directory" => ErrorKind::IsADirectory,
        _ => ErrorKind::InvalidInput,
    };
    Err(io::Error::new(kind, format!("it is a {what}, not a file")))
}

/// Everything in a regular file of at most so many bytes. It may be secret, so it
/// is wiped.
///
/// # Errors
/// When it cannot be opened or read, or is longer.
pub fn read(path: &Path, most: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    read_opened(open(path)?, most)
}

/// The same of a file that is open.
///
/// # Errors
/// When it cannot be read, or is longer.
pub fn read_opened(mut file: File, most: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let length = file.metadata()?.len();
    if length > most {
        return Err(too_long(most));
    }
    // Room for all of it: what grows leaves copies behind.
    let room = usize::try_from(length).unwrap_or_default() + 1;
    let read = read_into(Vec::with_capacity(room), &mut file, most)?;
    read.ok_or_else(|| too_long(most))
}

/// The text of a regular file of at most so many bytes.
///
/// # Errors
/// As [`read`], and when it is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    text(&mut read(path, most)?)
}

/// The text that was read.
///
/// # Errors
/// When it is not UTF-8.
pub fn text(content: &mut Zeroizing<Vec<u8>>) -> io::Result<String> {
    String::from_utf8(std::mem::take(&mut **content))
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is not UTF-8"))
}

/// Everything that a stream of at most so many bytes gives.
///
/// # Errors
/// When it cannot be read, or is longer.
pub fn read_stream(stream: &mut impl Read, most: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    read_at_most(stream, most)?.ok_or_else(|| too_long(most))
}

/// Reads a stream to its end; `None` when it has more than so many bytes.
///
/// # Errors
/// When it cannot be read.
pub fn read_at_most(stream: &mut impl Read, most: u64) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    read_into(Vec::new(), stream, most)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the reader that all others are refused for"
)]
fn read_into(
    content: Vec<u8>,
    stream: &mut impl Read,
    most: u64,
) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut content = Zeroizing::new(content);
    stream
        .take(most.saturating_add(1))
        .read_to_end(&mut content)?;
    Ok((content.len() as u64 <= most).then_some(content))
}

/// Reads a line with its end into `line`, which is emptied before: its length,
/// nothing at the end.
///
/// # Errors
/// When it cannot be read, or has more than so many bytes.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the reader that all others are refused for"
)]
pub fn read_line(stream: &mut impl BufRead, line: &mut Vec<u8>, most: u64) -> io::Result<usize> {
    line.clear();
    let mut bounded = stream.take(most.saturating_add(1));
    let length = bounded.read_until(b'\n', line)?;
    if line.len() as u64 > most {
        return Err(line_too_long(most));
    }
    Ok(length)
}

/// A line, or what stands for one, has more than so many bytes.
pub fn line_too_long(most: u64) -> io::Error {
    let message = format!("a line has more than {}", size(most));
    io::Error::new(ErrorKind::InvalidData, message)
}

fn too_long(most: u64) -> io::Error {
    let message = format!("it has more than {}", size(most));
    io::Error::new(ErrorKind::InvalidData, message)
}

/// Writes a file that holds no secret, whole or not at all. What is no file, such as a pipe, is
/// written to.
///
/// # Errors
/// When it cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return std::fs::write(path, bytes);
    }
    // A temporary file is private by default.
    put(path, bytes, std::fs::Permissions::from_mode(0o644))
}

/// Writes other content into a regular file that is there, whole or not at all: whoever
/// may read and write it still may.
///
/// # Errors
/// When it is not there or something else, or cannot be written.
pub fn rewrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let found = path.metadata()?;
    regular(found.file_type())?;
    // Otherwise a file that nobody may write to would be replaced.
    OpenOptions::new().write(true).open(path)?;
    put(path, bytes, found.permissions())
}

fn put(path: &Path, bytes: &[u8], permissions: std::fs::Permissions) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(permissions)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use std::time::Duration;

    use super::{open, open_or_pipe, read, read_at_most, read_line, read_stream, read_text};

    #[test]
    fn what_is_no_regular_file_is_refused_by_its_name_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let mode = rustix::fs::Mode::from(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        let socket = folder.path().join("socket");
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for (path, what) in [
            (folder.path(), "directory"),
            (&pipe, "pipe"),
            (&link, "pipe"),
            (&socket, "socket"),
            (Path::new("/dev/zero"), "device"),
        ] {
            let error = open(path).unwrap_err();
            assert_eq!(error.to_string(), format!("it is a {what}, not a file"));
        }
    }

    #[test]
    fn a_pipe_that_was_typed_is_waited_for_so_long_and_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let mode = rustix::fs::Mode::from(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let mut silent = open_or_pipe(&pipe, Duration::from_millis(20)).unwrap();
        let error = read_stream(&mut silent, 100).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
        let mut typed = open_or_pipe(&pipe, Duration::from_secs(20)).unwrap();
        let writer = std::thread::spawn(move || {
            let options = || std::fs::OpenOptions::new().write(true).open(&pipe);
            let mut pipe = options().unwrap();
            for part in [&b"open "[..], b"sesame"] {
                std::thread::sleep(Duration::from_millis(20));
                std::io::Write::write_all(&mut pipe, part).unwrap();
            }
        });
        assert_eq!(&**read_stream(&mut typed, 100).unwrap(), b"open sesame");
        writer.join().unwrap();
        for other in ["/dev/zero", "/"] {
            assert!(open_or_pipe(Path::new(other), Duration::ZERO).is_err());
        }
    }

    #[test]
    fn a_file_is_read_up_to_its_ceiling() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "12345").unwrap();
        assert_eq!(&**read(file.path(), 5).unwrap(), b"12345");
        assert_eq!(read_text(file.path(), 6).unwrap(), "12345");
        let error = read(file.path(), 4).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 4 B");
        // One whose length the system does not know.
        assert!(read(Path::new("/proc/self/status"), 10).is_err());
        assert!(read(Path::new("/proc/self/status"), 1 << 20).unwrap().len() > 100);
    }

    #[test]
    fn a_stream_and_a_line_are_read_up_to_their_ceiling() {
        let all = |most| read_at_most(&mut Cursor::new(b"12345"), most).unwrap();
        assert_eq!(all(5).as_deref(), Some(&b"12345".to_vec()));
        assert_eq!(all(4), None);
        let (mut lines, mut line) = (Cursor::new(b"12\n345\n6"), Vec::new());
        assert_eq!(read_line(&mut lines, &mut line, 4).unwrap(), 3);
        assert_eq!(read_line(&mut lines, &mut line, 4).unwrap(), 4);
        assert_eq!(
            (read_line(&mut lines, &mut line, 4).unwrap(), &*line),
            (1, &b"6"[..])
        );
        assert_eq!(read_line(&mut lines, &mut line, 4).unwrap(), 0);
        let error = read_line(&mut Cursor::new(b"12345\n"), &mut line, 4).unwrap_err();
        assert_eq!(error.to_string(), "a line has more than 4 B");
    }
}
