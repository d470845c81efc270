//! `rehearse vault`: look into the vault, take out of it, put into it, put it
//! under another key.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::help::{OPENS, after};
use super::secret::{SecretArguments, refuse};
use super::{Exit, complain, note, say};
use crate::clock::Clock;
use crate::crypto::CryptoBackend;
use crate::numbers::plural;
use crate::shown;
use crate::vault::{
    self, KeySource, NewKey, SavedCredentials, Summary, Vault, VaultError, default_path,
};
use crate::{ceilings, files};

/// Show, export and import saved credentials, and change the key of the vault
///
/// Secrets are hidden unless `--reveal` is given.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse vault list", "list what is saved"), ("rehearse vault export --reveal --out mine.json ada", "write credentials to a file")], OPENS))]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// File with saved credentials
    #[arg(long, value_name = "FILE", env = "REHEARSE_VAULT", global = true)]
    vault: Option<PathBuf>,
    #[command(flatten)]
    secret: SecretArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List what is saved: name, login, user, dates, target
    #[command(after_help = after(&[("rehearse vault list", "list what is saved"), ("rehearse vault list --vault other.vault", "of another vault")], OPENS))]
    List,
    Show(ShowArguments),
    Export(ExportArguments),
    Import(ImportArguments),
    Rotate(RotateArguments),
    Remember(RememberArguments),
    Forget(ForgetArguments),
}

/// Keep a passphrase in the system's keyring, under a name for `--keyring`
///
/// It is read from standard input, or from the file of `--from`. Linux keeps its keyring in the
/// kernel: it lasts until the machine restarts, or nobody has used it for three days. Keep the
/// passphrase elsewhere, too.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse vault remember nightly --from passphrase.txt", "put a passphrase into the keyring")], OPENS))]
struct RememberArguments {
    /// What the passphrase is called in the keyring
    name: String,
    /// File with the passphrase
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

/// Remove a passphrase from the system's keyring
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse vault forget nightly", "remove a passphrase")], OPENS))]
struct ForgetArguments {
    /// What the passphrase is called in the keyring
    name: String,
}

/// Show what is saved under a name
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse vault show ada", "print what is saved as `ada`")], OPENS))]
struct ShowArguments {
    /// What the credentials are saved under
    name: String,
    /// Show token and private keys as well
    #[arg(long)]
    reveal: bool,
}

/// Write credentials as JSON, as users of the JavaScript SDK keep them
///
/// An export holds secrets, so it needs `--reveal`.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse vault export --reveal --out all.json", "write all credentials to a file"), ("rehearse vault export --reveal ada", "print those saved as `ada`")], OPENS))]
struct ExportArguments {
    /// Names of the credentials [default: all]
    names: Vec<String>,
    /// Write secrets in the clear
    #[arg(long)]
    reveal: bool,
    /// Write to this file, for its owner only, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Save credentials from JSON: an export, or those of the JavaScript SDK
///
/// When something is wrong with one of them, none is saved.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse vault import mine.json", "save the credentials of a file"), ("rehearse vault import - < mine.json", "from standard input")], OPENS))]
struct ImportArguments {
    /// The JSON file; `-` is standard input
    file: PathBuf,
    /// Replace what is saved under the same names
    #[arg(long)]
    force: bool,
}

/// Encrypt everything again, with another passphrase or key file
///
/// The new passphrase is in `REHEARSE_NEW_PASSPHRASE` or a file. A vault with a key file gets
/// another key file when neither is given.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse vault rotate --new-passphrase-file passphrase.txt", "encrypt the vault with another passphrase"), ("rehearse vault rotate --new-key-file", "with another key file")], OPENS))]
struct RotateArguments {
    /// File with the new passphrase
    #[arg(long, value_name = "FILE", conflicts_with = "new_key_file")]
    new_passphrase_file: Option<PathBuf>,
    /// Make a new key file beside the vault
    #[arg(long)]
    new_key_file: bool,
}

/// Environment variable with the new passphrase.
const NEW_PASSPHRASE: &str = "REHEARSE_NEW_PASSPHRASE";
/// What is shown in place of a secret.
const HIDDEN: &str = "[hidden]";

/// What went wrong: a message, and whether the command line must change.
struct Refusal {
    message: String,
    is_user_error: bool,
}

impl From<VaultError> for Refusal {
    fn from(error: VaultError) -> Self {
        Self {
            is_user_error: error.is_user_error(),
            message: error.to_string(),
        }
    }
}

impl Refusal {
    fn wrong(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            is_user_error: true,
        }
    }
}

pub(super) fn vault(arguments: Arguments) -> Exit {
    let path = arguments.vault.unwrap_or_else(default_path);
    let key = || arguments.secret.source(&path).map_err(Refusal::from);
    let done = match &arguments.command {
        Command::List => key().and_then(|key| list(&path, key)),
        Command::Show(arguments) => key().and_then(|key| show(&path, key, arguments)),
        Command::Export(arguments) => key().and_then(|key| export(&path, key, arguments)),
        Command::Import(arguments) => key().and_then(|key| import(&path, key, arguments)),
        Command::Rotate(arguments) => key().and_then(|key| rotate(&path, &key, arguments)),
        Command::Remember(arguments) => remember(arguments),
        Command::Forget(arguments) => forget(&arguments.name),
    };
    match done {
        Ok(exit) => exit,
        Err(refusal) => refuse(&refusal.message, refusal.is_user_error),
    }
}

fn remember(arguments: &RememberArguments) -> Result<Exit, Refusal> {
    let passphrase = match &arguments.from {
        Some(file) => vault::passphrase_in(file)?,
        None => vault::passphrase_from(&mut std::io::stdin().lock())?,
    };
    vault::remember(&arguments.name, passphrase.expose_secret())?;
    say(&format!(
        "the keyring holds the passphrase `{}`: use it with `--keyring {}`\n",
        arguments.name, arguments.name
    ));
    Ok(Exit::Good)
}

fn forget(name: &str) -> Result<Exit, Refusal> {
    vault::forget(name)?;
    say(&format!("the keyring no longer holds `{name}`\n"));
    Ok(Exit::Good)
}

fn list(path: &Path, key: KeySource) -> Result<Exit, Refusal> {
    let now = Clock::real().unix_millis();
    let entries = Vault::open_existing(path.to_owned(), key)?.list()?;
    let mut rows = vec![
        [
            "name",
            "login",
            "user id",
            "saved",
            "token expires",
            "target",
        ]
        .map(str::to_owned),
    ];
    let mut exit = Exit::Good;
    for (name, summary) in entries {
        match summary {
            Ok(summary) => rows.push(row(name, summary, now)),
            Err(error) => {
                complain(&error.to_string());
                exit = Exit::Unreachable;
            }
        }
    }
    say(&table(&rows));
    Ok(exit)
}

fn row(name: String, summary: Summary, now: i64) -> [String; 6] {
    let user_id = Some(summary.user_id).filter(|id| !id.is_empty());
    [
        name,
        summary.login,
        user_id.unwrap_or_else(|| "-".into()),
        moment(summary.saved_at),
        expiry(summary.token_expires_at, now),
        summary.target.map_or_else(|| "-".into(), |to| to.api_url),
    ]
}

fn expiry(at: Option<i64>, now: i64) -> String {
    match at {
        Some(at) if at <= now => format!("{}, expired", moment(at)),
        Some(at) => moment(at),
        None => "-".into(),
    }
}

fn moment(milliseconds: i64) -> String {
    match Timestamp::from_millisecond(milliseconds) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => milliseconds.to_string(),
    }
}

/// Columns side by side, as wide as they must be.
fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let widths: [usize; N] = std::array::from_fn(|column| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    });
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The credentials under a name, which must be there.
fn saved(vault: &Vault, name: &str) -> Result<SavedCredentials, VaultError> {
    vault
        .get(name, CryptoBackend::default())?
        .ok_or_else(|| VaultError::NotFound {
            file: vault::Place::vault(vault.path()),
            name: name.to_owned(),
        })
}

fn show(path: &Path, key: KeySource, arguments: &ShowArguments) -> Result<Exit, Refusal> {
    let vault = Vault::open_existing(path.to_owned(), key)?;
    let saved = saved(&vault, &arguments.name)?;
    let secret = |text: &str| {
        let shown = if arguments.reveal { text } else { HIDDEN };
        Zeroizing::new(shown.to_owned())
    };
    let known = |text: Option<&str>| {
        text.filter(|text| !text.is_empty())
            .unwrap_or("-")
            .to_owned()
    };
    let now = Clock::real().unix_millis();
    say(&format!(
        "name            {}\nlogin           {}\nuser id         {}\ngroup id        {}\n\
         data owner id   {}\nsaved           {}\ntoken           ",
        arguments.name,
        saved.login,
        known(Some(&saved.user_id)),
        known(saved.group_id.as_deref()),
        known(saved.data_owner_id.as_deref()),
        moment(saved.saved_at),
    ));
    say(&secret(saved.token.expose_secret()));
    say(&format!(
        "\ntoken expires   {}\n",
        expiry(saved.token_expires_at, now)
    ));
    if let Some(target) = &saved.target {
        say(&format!(
            "target          {} (gateway {}, application {})\n",
            target.api_url, target.gateway_url, target.spec_id
        ));
    }
    for (id, value) in &saved.ids {
        say(&format!("id              {id}: {value}\n"));
    }
    for pair in &saved.key_pairs {
        let public = pair.public();
        say(&format!(
            "key pair        {}\n  public key    {}\n  private key   ",
            public.fingerprint(),
            public.spki_hex()
        ));
        let private = pair
            .to_pkcs8_hex()
            .map_err(|error| Refusal::wrong(error.to_string()))?;
        say(&secret(private.expose_secret()));
        say("\n");
    }
    Ok(Exit::Good)
}

fn export(path: &Path, key: KeySource, arguments: &ExportArguments) -> Result<Exit, Refusal> {
    if !arguments.reveal {
        return Err(Refusal::wrong(
            "an export holds tokens and private keys in the clear: if that is what you want, \
             add `--reveal`",
        ));
    }
    let vault = Vault::open_existing(path.to_owned(), key)?;
    let names = if arguments.names.is_empty() {
        vault.names()?
    } else {
        arguments.names.clone()
    };
    let mut credentials = Vec::with_capacity(names.len());
    for name in names {
        let saved = saved(&vault, &name)?;
        credentials.push((name, saved));
    }
    let json = vault::export(&credentials).map_err(|error| Refusal::wrong(error.to_string()))?;
    if let Some(out) = &arguments.out {
        vault::write_private(out, &json)?;
        note(&format!(
            "rehearse: {} in `{}`, secrets included, readable for you only",
            entries(credentials.len()),
            out.display()
        ));
    } else {
        let text = String::from_utf8_lossy(&json).into_owned();
        say(&Zeroizing::new(shown::json(text)));
    }
    Ok(Exit::Good)
}

fn import(path: &Path, key: KeySource, arguments: &ImportArguments) -> Result<Exit, Refusal> {
    let file = arguments.file.display();
    let json = read(&arguments.file)
        .map_err(|error| Refusal::wrong(format!("cannot read `{file}`: {error}")))?;
    let now = Clock::real().unix_millis();
    let credentials = vault::import(&json, now)
        .map_err(|error| Refusal::wrong(format!("`{file}`: {error}; nothing was imported")))?;
    let names: Vec<_> = credentials.iter().map(|(name, _)| name.clone()).collect();
    let vault = Vault::open(path.to_owned(), key)?;
    vault.import(credentials, arguments.force)?;
    say(&format!(
        "{} in the vault `{}`: {}\n",
        entries(names.len()),
        vault.path().display(),
        names.join(", ")
    ));
    if !from_standard_input(&arguments.file) {
        note(&format!(
            "hint: `{file}` still holds the secrets in the clear"
        ));
    }
    Ok(Exit::Good)
}

fn from_standard_input(file: &Path) -> bool {
    file == Path::new("-")
}

fn read(file: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    if from_standard_input(file) {
        files::read_stream(&mut std::io::stdin().lock(), ceilings::CREDENTIALS)
    } else {
        files::read(file, ceilings::CREDENTIALS)
    }
}

fn rotate(path: &Path, key: &KeySource, arguments: &RotateArguments) -> Result<Exit, Refusal> {
    let passphrase = match &arguments.new_passphrase_file {
        Some(file) => Some(KeySource::passphrase_file(file)?),
        None if arguments.new_key_file => None,
        None => KeySource::in_variable(NEW_PASSPHRASE),
    };
    let new = match passphrase {
        Some(passphrase) => NewKey::Passphrase(passphrase),
        None if arguments.new_key_file || key.is_key_file() => NewKey::KeyFile,
        None => {
            return Err(Refusal::wrong(
                "under which key? set REHEARSE_NEW_PASSPHRASE, or give `--new-passphrase-file` or \
                 `--new-key-file`",
            ));
        }
    };
    let under = match new {
        NewKey::Passphrase(_) => "the new passphrase",
        NewKey::KeyFile => "a new key file",
    };
    let count = vault::rotate(path, key, new)?;
    say(&format!(
        "the vault `{}` is under {under}: {}\n",
        path.display(),
        entries(count)
    ));
    if key.is_key_file() {
        note(&format!(
            "hint: the old key is in `{}.key.old`: remove it unless you keep older copies of the vault",
            path.display()
        ));
    }
    Ok(Exit::Good)
}

fn entries(count: usize) -> String {
    plural(count as u64, "credential", "credentials")
}
