//! What each option of curl does to a request.

/// What becomes of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It is taken over.
    Taken,
    /// It changes nothing that a scenario says.
    Harmless,
    /// It is left out, for this reason.
    Told(&'static str),
}

/// An option by its long name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub name: &'static str,
    pub takes_value: bool,
    pub effect: Effect,
}

/// Names of options, `/x` with a letter and `=` with a value.
const OPTIONS: &[(Effect, &str)] = &[
    (
        Effect::Taken,
        "request/X= url= header/H= data/d= data-ascii= data-raw= data-binary= data-urlencode= json= form/F= \
         form-string= user/u= oauth2-bearer= cookie/b= get/G head/I location/L location-trusted max-redirs= \
         max-time/m= retry= user-agent/A= referer/e= upload-file/T= url-query= range/r= globoff/g next/:",
    ),
    (
        Effect::Harmless,
        "silent/s show-error/S verbose/v include/i fail/f fail-with-body fail-early progress-bar/# progress-meter \
         no-buffer/N buffer output/o= output-dir= remote-name/O remote-name-all remote-header-name/J remote-time/R \
         create-dirs create-file-mode= write-out/w= dump-header/D= cookie-jar/c= junk-session-cookies/j \
         compressed connect-timeout= keepalive keepalive-time= keepalive-cnt= tcp-nodelay tcp-fastopen ipv4/4 ipv6/6 \
         parallel/Z parallel-immediate parallel-max= parallel-max-host= styled-output stderr= trace= trace-ascii= trace-time trace-ids \
         trace-config= libcurl= basic http1.1 http2 http2-prior-knowledge http3 http3-only alpn npn sessionid \
         happy-eyeballs-timeout-ms= expect100-timeout= raw tr-encoding retry-delay= retry-max-time= \
         retry-connrefused retry-all-errors clobber no-clobber remove-on-error skip-existing xattr metalink disable/q \
         speed-limit/Y= speed-time/y= alt-svc= hsts= etag-save= disallow-username-in-url form-escape \
         post301 post302 post303 false-start suppress-connect-headers ca-native vlan-priority= ip-tos= mptcp \
         follow out-null show-headers proto= proto-default= proto-redir= max-filesize= ignore-content-length \
         compressed-ssh upload-flags=",
    ),
    (
        Effect::Told("how TLS is set up is the target's to say, `tls:`"),
        "insecure/k cacert= capath= cert/E= cert-type= cert-status key= key-type= pass= ciphers= tls13-ciphers= \
         curves= pinnedpubkey= crlfile= tls-max= tlsv1/1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 sslv2/2 sslv3/3 ssl \
         ssl-reqd ssl-allow-beast ssl-auto-client-cert ssl-no-revoke ssl-revoke-best-effort engine= egd-file= \
         random-file= tlsauthtype= tlspassword= tlsuser= ech= sigalgs= tls-earlydata ssl-sessions= dump-ca-embed \
         signature-algorithms=",
    ),
    (
        Effect::Told(
            "requests go straight to the host of their address, by the names that the system knows",
        ),
        "proxy/x= preproxy= proxy-anyauth proxy-basic proxy-ca-native proxy-cacert= proxy-capath= proxy-cert= \
         proxy-cert-type= proxy-ciphers= proxy-crlfile= proxy-digest proxy-header= proxy-http2 proxy-http3 proxy-insecure \
         proxy-key= proxy-key-type= proxy-negotiate proxy-ntlm proxy-pass= proxy-pinnedpubkey= \
         proxy-service-name= proxy-ssl-allow-beast proxy-ssl-auto-client-cert proxy-tls13-ciphers= \
         proxy-tlsauthtype= proxy-tlspassword= proxy-tlsuser= proxy-tlsv1 proxy-user/U= proxy1.0= proxytunnel/p \
         noproxy= socks4= socks4a= socks5= socks5-basic socks5-gssapi socks5-gssapi-nec socks5-gssapi-service= \
         socks5-hostname= haproxy-protocol haproxy-clientip= resolve= connect-to= interface= local-port= \
         dns-interface= dns-ipv4-addr= dns-ipv6-addr= dns-servers= doh-url= doh-cert-status doh-insecure \
         unix-socket= abstract-unix-socket= ipfs-gateway=",
    ),
    (
        Effect::Told("of the ways to log in, `http` has a header with `Basic` or a token"),
        "anyauth digest ntlm ntlm-wb negotiate aws-sigv4= delegation= krb= login-options= netrc/n netrc-file= \
         netrc-optional sasl-authzid= sasl-ir service-name=",
    ),
    (
        Effect::Told("`http` has nothing for it"),
        "http0.9 http1.0/0 limit-rate= rate= path-as-is request-target= time-cond/z= etag-compare= \
         continue-at/C= crlf variable= expand-url= expand-data= expand-header= retry-on-http-error= knownhosts= config/K=",
    ),
    (
        Effect::Told("it is for protocols that are not HTTP"),
        "append/a disable-eprt disable-epsv eprt epsv ftp-account= ftp-alternative-to-user= ftp-create-dirs \
         ftp-method= ftp-pasv ftp-port/P= ftp-pret ftp-skip-pasv-ip ftp-ssl-ccc ftp-ssl-ccc-mode= \
         ftp-ssl-control hostpubmd5= hostpubsha256= list-only/l mail-auth= mail-from= mail-rcpt= \
         mail-rcpt-allowfails pubkey= quote/Q= telnet-option/t= tftp-blksize= tftp-no-options use-ascii/B \
         manual/M version/V help/h",
    ),
];

/// All options, as the table has them: name, letter, what it does.
fn all() -> impl Iterator<Item = (Known, Option<&'static str>)> {
    OPTIONS.iter().flat_map(|(effect, names)| {
        names.split_ascii_whitespace().map(|written| {
            let (bare, takes_value) = match written.strip_suffix('=') {
                Some(bare) => (bare, true),
                None => (written, false),
            };
            let (name, letter) = match bare.split_once('/') {
                Some((name, letter)) => (name, Some(letter)),
                None => (bare, None),
            };
            let effect = *effect;
            let known = Known {
                name,
                takes_value,
                effect,
            };
            (known, letter)
        })
    })
}

/// The option of a letter.
pub(super) fn short(letter: char) -> Option<Known> {
    let mut written = [0; 4];
    let letter: &str = letter.encode_utf8(&mut written);
    all()
        .find(|(_, short)| *short == Some(letter))
        .map(|(known, _)| known)
}

/// The option of a long name, which may be cut short as long as one is meant.
/// `--no-` before a name turns it off, which is harmless as a rule.
pub(super) fn long(name: &str) -> Option<Known> {
    if let Some((known, _)) = all().find(|(known, _)| known.name == name) {
        return Some(known);
    }
    if let Some(positive) = name.strip_prefix("no-") {
        let (known, _) = all().find(|(known, _)| known.name == positive && !known.takes_value)?;
        return Some(Known {
            effect: Effect::Harmless,
            ..known
        });
    }
    let mut begun = all().filter(|(known, _)| known.name.starts_with(name));
    let (first, _) = begun.next()?;
    begun.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::{all, long, short};

    #[test]
    fn every_name_and_letter_is_there_once() {
        let mut names: Vec<_> = all().map(|(known, _)| known.name).collect();
        let mut letters: Vec<_> = all().filter_map(|(_, letter)| letter).collect();
        let (count, short) = (names.len(), letters.len());
        names.sort_unstable();
        names.dedup();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!((names.len(), letters.len()), (count, short));
    }

    #[test]
    fn names_can_be_cut_short_and_turned_off() {
        assert_eq!(long("comp"), None);
        assert_eq!(long("compressed").unwrap().name, "compressed");
        assert_eq!(long("insec").unwrap().name, "insecure");
        assert_eq!(long("no-keepalive").unwrap().name, "keepalive");
        assert_eq!(short('X').unwrap().name, "request");
        assert!(short('X').unwrap().takes_value);
        assert_eq!(long("nothing-like-it"), None);
    }
}
