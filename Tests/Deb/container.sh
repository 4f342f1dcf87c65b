#!/usr/bin/env bash
# Run by scripts/test-deb as root in a container with nothing but Debian and systemd; the packages are in /packages.
set -Eeuo pipefail
trap 'printf "FAILED in line %s: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR

say() { printf '== %s\n' "$*" >&2; }
fail() { printf 'FAILED: %s\n' "$*" >&2; log 2>/dev/null | tail -20 >&2; exit 1; }
# equal EXPECTED FOUND SUBJECT
equal() { [ "$1" = "$2" ] || fail "$3: \"$2\" instead of \"$1\""; }
# eventually COMMAND…: for twenty seconds
eventually() { for _ in $(seq 200); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; fail "no success in 20 s: $*"; }
# Everything in the file system and all accounts, without the records of dpkg, apt, the linker and the journal.
everything() {
  {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /packages -o -path /var/lib/dpkg \
      -o -path /var/lib/apt -o -path /var/cache -o -path /var/log/apt -o -path /var/log/journal -o -path '/var/tmp/systemd-*' \
      -o -path '/etc/*-' -o -path '/var/l*/postgresql' -o -path /var/lib/redis \) -prune -o -print
    cut -d: -f1 /etc/passwd | sed 's/^/user /'
    cut -d: -f1 /etc/group | sed 's/^/group /'
  } | sort
}
# What the processes of the server wrote, and what libraries wrote to the system's log for them.
log() { journalctl _SYSTEMD_UNIT=kittycash-server.service -o cat --no-pager; }
settings=/etc/kittycash/kittycash.env
# as USER COMMAND…: as a new session of that user
as() {
  local user=$1 home; shift
  home=$(getent passwd "$user" | cut -d: -f6)
  env -i PATH=/usr/bin:/bin HOME="$home" LANG=C.UTF-8 setpriv --reuid "$user" --regid "$user" --init-groups -- "$@"
}
operator() { as kittycash kittycash-server "$@" --config $settings; }

say 'The dependencies, as apt finds them'
apt-get update -q >/dev/null
apt-get install -y -q --no-install-recommends nginx-light openssl openssh-client openssh-server postgresql redis-server >/dev/null 2>&1
for package in kittycash kittycash-server; do
  apt-get satisfy -y -q --no-install-recommends "$(dpkg-deb -f /packages/${package}_*.deb Depends)" >/dev/null 2>&1
done
useradd --create-home anna
everything >/tmp/before

say 'Install, twice'
for _ in 1 2; do dpkg -i /packages/*.deb >/tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log >&2; fail 'dpkg -i'; }; done
equal '640 root:kittycash' "$(stat -c '%a %U:%G' $settings)" 'the settings'
equal '750 kittycash:kittycash' "$(stat -c '%a %U:%G' /var/lib/kittycash)" 'the data folder'
for unit in kittycash-server.service:enabled kittycash-worker.service:disabled kittycash-ssh.service:disabled kittycash-backup.timer:disabled; do
  equal "${unit#*:}" "$(systemctl is-enabled "${unit%:*}" || true)" "${unit%:*}"
done
equal '' "$(systemd-analyze verify /lib/systemd/system/kittycash-* 2>&1)" 'systemd about the units'
equal "$(kittycash --version)" "$(kittycash-server --version)" 'the versions'
for file in man/man1/kittycash.1.gz man/man8/kittycash-server.8.gz bash-completion/completions/kittycash \
  zsh/vendor-completions/_kittycash fish/vendor_completions.d/kittycash-server.fish doc/kittycash/contained/swift.gz; do
  [ -s "/usr/share/$file" ] || fail "there is no /usr/share/$file"
done

say 'A changed setting survives an installation, which starts the server again'
eventually operator health
before=$(systemctl show -P MainPID kittycash-server)
sed -i 's|^#PUBLIC_URL=.*|PUBLIC_URL=https://localhost|' $settings
dpkg -i /packages/kittycash-server_*.deb >/dev/null 2>&1
grep -q '^PUBLIC_URL=' $settings || fail 'the changed setting is gone'
equal '640 root:kittycash' "$(stat -c '%a %U:%G' $settings)" 'the settings'
eventually operator health
[ "$before" != "$(systemctl show -P MainPID kittycash-server)" ] || fail 'the server was not restarted'
equal kittycash "$(stat -c %U "/proc/$(systemctl show -P MainPID kittycash-server)")" 'the user of the server'

say 'The client, as a user of the machine, and nginx with the configuration of the package'
operator user add anna --password-stdin <<<'a long password' >/dev/null
install -m 644 /usr/share/kittycash-server/nginx.conf /etc/nginx/nginx.conf
/usr/share/kittycash-server/nginx-listen >/etc/nginx/listen.conf
nginx -t -q
systemctl restart nginx
client() { as anna kittycash "$@" 2>>/tmp/said; }
client login --server http://127.0.0.1 --name anna <<<'a long password' >/dev/null || { cat /tmp/said >&2; fail login; }
client api groups --data '{"name": "Flat 12", "currency": "EUR"}' >/dev/null
client add flat '42.50 dinner' >/dev/null
equal 42.50 "$(client balances flat --plain | cut -f5)" 'the sum that Anna paid'
client photo flat - </packages/cat.jpg >/dev/null || { cat /tmp/said >&2; fail photo; }
! grep -vE '^(Signed in|Saved)' /tmp/said || fail 'the client wrote something else to standard error'
# 2: warnings.
operator doctor --url http://127.0.0.1 >/tmp/doctor || [ $? = 2 ] || { cat /tmp/doctor >&2; fail 'the doctor has found a fault'; }

say 'https with a certificate of its own'
install -d /etc/kittycash/tls/acme
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout /etc/kittycash/tls/privkey.pem -out /etc/kittycash/tls/fullchain.pem 2>/dev/null
TLS_FOLDER=/etc/kittycash/tls /usr/share/kittycash-server/nginx-listen >/etc/nginx/listen.conf
nginx -t -q
systemctl reload nginx
secure() { as anna env SSL_CERT_FILE=/etc/kittycash/tls/fullchain.pem kittycash "$@" --server https://localhost; }
sign_in() { secure login --name anna <<<'a long password'; }
eventually sign_in
equal 'Flat 12' "$(secure groups --plain | cut -f2)" 'the group over https'
rm -r /etc/kittycash/tls

say 'One Unix account for all users of ssh, by the lines of docs/ssh.md'
sudo() { "$@"; }
mapfile -t lines < <(awk '/^## Without containers/ { here = 1 } here && /^```$/ { exit } code { print } here && /^```sh$/ { code = 1 }' /packages/ssh.md)
equal 5 "${#lines[@]}" 'the number of lines'
systemctl start ssh
cd /packages
for line in "${lines[@]:0:4}"; do eval "$line" >/tmp/said 2>&1 || { cat /tmp/said >&2; fail "$line"; }; done
cd /
eventually operator health
eventually systemctl is-active kittycash-ssh
# The last line of it, by a user of the machine who has not used KittyCash before.
useradd --create-home bea
bea() { as bea env TERM=xterm "$@" 2>>/tmp/said; }
bea ssh-keygen -q -t ed25519 -N '' -f /home/bea/.ssh/id_ed25519
bea kittycash login --name anna <<<'a long password' >/dev/null || { cat /tmp/said >&2; fail "${lines[4]}"; }
bea kittycash keys add /home/bea/.ssh/id_ed25519.pub >/dev/null
over_ssh() { bea ssh -o StrictHostKeyChecking=accept-new kitty@localhost "$@"; }
equal 42.50 "$(over_ssh balances flat --plain | cut -f5)" 'the sum over ssh'
{ sleep 5; printf q; } | bea timeout 30 script -qec 'ssh kitty@localhost' /home/bea/screen >/dev/null || fail 'the screen over ssh'
grep -q 'Flat 12' /home/bea/screen || fail 'the group is not on the screen over ssh'
! over_ssh sh -c id || fail 'a shell over ssh'
! bea ssh -o BatchMode=yes kittycash-ssh@localhost id || fail 'the account of the gateway has a session'
userdel -r bea 2>/dev/null
systemctl disable -q --now kittycash-ssh
rm /etc/ssh/sshd_config.d/kittycash-gateway.conf
systemctl reload ssh
userdel kitty
userdel kittycash-ssh

say 'PostgreSQL and Redis on the same machine, as docs/install/systemd.md says'
# The installation made a cluster after systemd had looked for one. The unit of Redis wants name spaces of users, which a
# container has not.
systemctl daemon-reload
systemctl restart postgresql
as redis redis-server --daemonize yes --dir /tmp >/dev/null
cp -p $settings /tmp/settings
cd /
as postgres createuser kittycash
as postgres createdb --owner kittycash --encoding UTF8 --template template0 kittycash
printf '%s\n' 'DATABASE_URL=postgresql:///kittycash?host=/run/postgresql' 'REDIS_URL=redis://127.0.0.1:6379/0' WORKER=separate >>$settings
systemctl restart kittycash-server
systemctl start kittycash-worker
eventually operator health
eventually operator health --worker
operator user add bob --password-stdin <<<'a long password' >/dev/null
equal bob "$(operator user list | awk 'NR > 1 { print $1 }')" 'the user in PostgreSQL'
systemctl stop kittycash-worker
cp -p /tmp/settings $settings
systemctl restart kittycash-server
eventually operator health

say 'A backup, a worker that is not wanted, and a log of JSON alone'
systemctl start kittycash-backup.service
as kittycash ls /var/lib/kittycash-backup | grep -q '^kittycash-.*[.]tar$' || fail 'there is no backup'
operator backup /var/lib/kittycash-backup/now.tar
operator check
systemctl start kittycash-worker
equal inactive "$(systemctl is-active kittycash-worker || true)" 'the worker'
journalctl -u kittycash-worker -o cat --no-pager | grep -q 'without WORKER=separate' || fail 'the worker does not say why'
systemctl stop kittycash-server
equal success "$(systemctl show -P Result kittycash-server)" 'the end of the server'
! log | grep -v '^{' || fail 'the log has lines that are no JSON'
! journalctl -o cat --no-pager | grep 'thread priority' || fail 'libdispatch complains in the system log'
systemctl start kittycash-server
systemctl enable -q --now kittycash-backup.timer
apt-get purge -y -q nginx-light nginx-common >/dev/null 2>&1
rm -rf /etc/nginx /var/log/nginx

say 'Removed while it runs: nothing is left but data, and its user'
dpkg --purge kittycash kittycash-server >/tmp/purge.log 2>&1 || { cat /tmp/purge.log >&2; fail 'dpkg --purge'; }
grep -q 'the data stays' /tmp/purge.log || fail 'dpkg --purge does not say that the data stays'
! systemctl is-active --quiet kittycash-backup.timer || fail 'the timer runs'
! find /proc -maxdepth 1 -user kittycash | grep . || fail 'a process of the server is left'
everything >/tmp/after
comm -13 /tmp/before /tmp/after | tee /tmp/left
! grep -vE '^/home/anna|^/var/lib/kittycash|^(user|group) kittycash$' /tmp/left || fail 'these are no data'
grep -q '^/var/lib/kittycash/kittycash.sqlite$' /tmp/left || fail 'the data is gone'
grep -q '^/var/lib/kittycash-backup/now.tar$' /tmp/left || fail 'the backup is gone'

say 'Installed again, with the data; removed without data: no trace'
dpkg -i /packages/*.deb >/dev/null 2>&1
eventually operator health
operator check
systemctl stop kittycash-server
rm -rf /var/lib/kittycash/* /var/lib/kittycash-backup/*
dpkg --purge kittycash kittycash-server >/dev/null 2>&1
everything >/tmp/after
comm -13 /tmp/before /tmp/after | tee /tmp/left
! grep -v '^/home/anna' /tmp/left || fail 'these are left'
say 'The packages are good.'
