"""sshd with the ssh gateway, for a Unix account made for it, with the plain shell that an installation has: that of root
may read files that take longer than ssh. It needs root: sshd runs only programs that root alone can replace, in folders
that root alone can change."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

SECRET = "a-secret-of-the-benchmark"
SSHD = "/usr/sbin/sshd"
ACCOUNT = "kittycash-bench"
# Another key, whose command only prints the same words: the part of ssh itself.
PLAIN = "plain"


def is_possible():
    return os.geteuid() == 0 and os.path.exists(SSHD)


class Gate:
    """sshd and the gateway. `key` names a key that the account has, and `PLAIN` the other one."""

    def __init__(self, folder, server, client, port, gateway_port, words):
        from installation import free_port
        # /tmp is a folder in which all users can write.
        self.programs = tempfile.mkdtemp(prefix="kittycash-bench-", dir="/usr/local/lib")
        os.chmod(self.programs, 0o755)
        for program in (server, client):
            shutil.copy(program, self.programs)
        made = subprocess.run(["useradd", "--system", "-M", "-d", "/", "-s", "/bin/sh", "-p", "*", ACCOUNT]).returncode
        # 9: an earlier run was killed.
        if made not in (0, 9):
            sys.exit(f"the Unix account {ACCOUNT} was not made")
        # The gateway and the clients have this account, as in the container.
        private = f"{self.programs}/private"
        os.mkdir(private, 0o700)
        shutil.chown(private, ACCOUNT)
        self.folder, self.processes = folder, []
        # One without the gateway, for the other key.
        self.ports = {"key": free_port(), PLAIN: free_port()}
        os.makedirs("/run/sshd", exist_ok=True)
        socket = f"{private}/gateway.sock"
        for name in ("host", "key", PLAIN):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{name}"], check=True)
        with open(f"{folder}/{PLAIN}.pub") as file:
            plain = file.read().strip()
        with open(f"{private}/plain_keys", "w") as file:
            file.write(f'restrict,pty,command="printf {words}; sleep 60" {plain}\n')
        for key, port_of_key in self.ports.items():
            with open(f"{folder}/sshd_{key}", "w") as file:
                file.write(
                    f"Port {port_of_key}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\nUsePAM no\n"
                    f"StrictModes no\nAuthorizedKeysFile {private}/plain_keys\nPrintMotd no\nPrintLastLog no\n")
        with open(f"{folder}/sshd_key", "a") as file:
            file.write(
                f"AuthorizedKeysCommand {self.programs}/{os.path.basename(server)} ssh-key --socket {socket} "
                f"--client {self.programs}/{os.path.basename(client)} %t %k\nAuthorizedKeysCommandUser {ACCOUNT}\n"
                f"SetEnv SWIFT_BACKTRACE=enable=no KITTYCASH_SERVER=http://127.0.0.1:{port} KITTYCASH_SSH_GATEWAY={socket}\n")
        log = open(f"{folder}/ssh.log", "wb")
        environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "SSH_SECRET": SECRET,
                       "SSH_GATEWAY_URL": f"http://127.0.0.1:{gateway_port}"}
        gateway = [f"{self.programs}/{os.path.basename(server)}", "ssh-gateway", "--socket", socket]
        commands = [(gateway, ACCOUNT)] + [([SSHD, "-D", "-e", "-f", f"{folder}/sshd_{key}"], None) for key in self.ports]
        for command, account in commands:
            self.processes.append(subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, user=account, cwd="/"))
        end = time.monotonic() + 30
        while not os.path.exists(socket) or any(subprocess.run(
                ["ssh-keyscan", "-p", str(port), "127.0.0.1"], capture_output=True).stdout == b"" for port in self.ports.values()):
            if time.monotonic() > end or any(process.poll() is not None for process in self.processes):
                self.stop()
                sys.exit(f"sshd did not start:\n{open(f'{folder}/ssh.log').read()[-2000:]}")
            time.sleep(0.05)

    def command(self, key):
        return ["/usr/bin/ssh", "-tt", "-F", "none", "-p", str(self.ports[key]), "-i", f"{self.folder}/{key}", "-o", "IdentitiesOnly=yes",
                "-o", "IdentityAgent=none", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder}/hosts",
                "-o", "LogLevel=ERROR", f"{ACCOUNT}@127.0.0.1"]

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(15)
        shutil.rmtree(self.programs)
        subprocess.run(["userdel", ACCOUNT], check=True, capture_output=True)
