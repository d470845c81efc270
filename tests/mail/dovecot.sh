#!/usr/bin/env bash
# Runs a command beside real mail servers, which live as long as it does:
# Postfix takes every mail for rehearse.test, Dovecot serves all of them as one
# mailbox. Both are processes of this script, on loopback, in a folder of
# their own; no system service is touched. Needs root, as Postfix does.
#
#   bash tests/mail/dovecot.sh COMMAND...           free ports, a new folder
#   bash tests/mail/dovecot.sh --fixed COMMAND...   those of fixtures/targets/dovecot.yaml
#
# The command finds in its environment:
#   REHEARSE_MAIL_DIR         the folder, with ca.pem and the servers' logs
#   REHEARSE_MAIL_SMTP_PORT   Postfix, without TLS
#   REHEARSE_MAIL_IMAP_PORT   Dovecot, STARTTLS
#   REHEARSE_MAIL_IMAPS_PORT  Dovecot, TLS
#   REHEARSE_MAIL_USER, REHEARSE_MAIL_PASSWORD
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
PATH="$PATH:/usr/sbin:/sbin"

fixed=
if [ "${1-}" = --fixed ]; then
    fixed=yes
    shift
fi
[ $# -gt 0 ] || { sed -n '2,17s/^# \{0,1\}//p' "$0" >&2; exit 2; }
if [ "$(id -u)" != 0 ]; then
    echo "tests/mail/dovecot.sh: Postfix starts as root only; try with sudo, or in a container" >&2
    exit 1
fi
bash "$here/install.sh"

# Sockets live in it, and their paths must be short: not $TMPDIR.
if [ -n "$fixed" ]; then
    dir=/tmp/rehearse-mail
    mkdir "$dir" || { echo "$dir is in use, or left over from a crash: remove it then" >&2; exit 1; }
else
    dir=$(mktemp -d /tmp/rehearse-mail.XXXXXX)
fi
# The servers' own users must get through.
chmod 755 "$dir"

dovecot= postfix= watchdog=
stop() {
    local code=$?
    trap - EXIT INT TERM HUP
    [ -z "$watchdog" ] || kill -KILL "$watchdog" 2> /dev/null || true
    for server in $postfix $dovecot; do
        kill "$server" 2> /dev/null || true
        wait "$server" 2> /dev/null || true
    done
    rm -rf "$dir"
    exit "$code"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

free_ports() {
    python3 - "$1" << 'PYTHON'
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(each.getsockname()[1] for each in held))
PYTHON
}
if [ -n "$fixed" ]; then
    smtp=10025 imap=10143 imaps=10993
else
    read -r smtp imap imaps < <(free_ports 3)
fi

user=catchall
password=$(openssl rand -hex 16)

# An authority of our own, and a certificate for this machine.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -keyout "$dir/ca.key" -out "$dir/ca.pem" -subj "/CN=rehearse test authority" 2> "$dir/openssl.log"
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$dir/server.key" -out "$dir/server.csr" -subj "/CN=localhost" 2>> "$dir/openssl.log"
openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial \
    -days 2 -out "$dir/server.pem" 2>> "$dir/openssl.log" \
    -extfile <(printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n')

uid=$(id -u nobody) gid=$(id -g nobody)
mkdir "$dir/mail"
chown "$uid:$gid" "$dir/mail"

touch "$dir/users"
chmod 640 "$dir/users"
chgrp dovecot "$dir/users"
echo "$user:{PLAIN}$password" > "$dir/users"
cat > "$dir/dovecot.conf" << EOF2
base_dir = $dir/run
state_dir = $dir/run
log_path = $dir/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <$dir/server.pem
ssl_key = <$dir/server.key
mail_location = maildir:$dir/mail/$user
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = $dir/users
}
userdb {
  driver = static
  args = uid=$uid gid=$gid home=$dir/mail
}
service imap-login {
  inet_listener imap {
    port = $imap
  }
  inet_listener imaps {
    port = $imaps
    ssl = yes
  }
}
EOF2

mkdir "$dir/postfix" "$dir/queue" "$dir/postfix-data"
chown postfix "$dir/postfix-data"
cat > "$dir/postfix/main.cf" << EOF2
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/postfix-data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = $dir/postfix.log
maillog_file_prefixes = $dir
myhostname = mail.rehearse.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
disable_dns_lookups = yes
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = reject_unauth_destination
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
# Whoever it is for, it goes to the one mailbox, with Delivered-To.
virtual_mailbox_domains = rehearse.test
virtual_mailbox_base = $dir/mail
virtual_mailbox_maps = static:$user/
virtual_uid_maps = static:$uid
virtual_gid_maps = static:$gid
virtual_minimum_uid = 1
# And with the address that it was sent to, X-Original-To.
enable_original_recipient = yes
# Mails are taken as fast as they come.
in_flow_delay = 0
virtual_destination_concurrency_limit = 50
smtpd_client_connection_count_limit = 0
EOF2
cat > "$dir/postfix/master.cf" << EOF2
127.0.0.1:$smtp inet n - n - - smtpd
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
EOF2

dovecot -F -c "$dir/dovecot.conf" &
dovecot=$!
# `postfix start-fg` would put a shell in between; this makes the queue's folders,
# and checks that everything belongs to whom it should.
postfix -c "$dir/postfix" check > "$dir/postfix.out" 2>&1
(cd "$dir/queue" && MAIL_CONFIG=$dir/postfix exec \
    /usr/lib/postfix/sbin/master -c "$dir/postfix" -s) >> "$dir/postfix.out" 2>&1 &
postfix=$!
# Should this script be killed, somebody else tidies up.
(
    trap '' INT TERM HUP
    while kill -0 $$ 2> /dev/null; do sleep 1; done
    kill $postfix $dovecot
    rm -rf "$dir"
) > /dev/null 2>&1 < /dev/null &
watchdog=$!

answers() {
    python3 - "$1" << 'PYTHON'
import socket, sys, time
end = time.monotonic() + 20
while time.monotonic() < end:
    try:
        with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5) as peer:
            sys.exit(0 if peer.recv(1) else 1)
    except OSError:
        time.sleep(0.05)
sys.exit(1)
PYTHON
}
for port in "$smtp" "$imap"; do
    answers "$port" || {
        echo "tests/mail/dovecot.sh: nothing answers on port $port" >&2
        cat "$dir"/*.log "$dir/postfix.out" >&2
        exit 1
    }
done

export REHEARSE_MAIL_DIR=$dir REHEARSE_MAIL_SMTP_PORT=$smtp REHEARSE_MAIL_IMAP_PORT=$imap \
    REHEARSE_MAIL_IMAPS_PORT=$imaps REHEARSE_MAIL_USER=$user REHEARSE_MAIL_PASSWORD=$password
"$@"
