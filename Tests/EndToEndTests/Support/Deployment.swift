import Foundation
import Testing

/// The servers and programs that a deployment needs beside those of this package.
enum DeploymentTools {
  static let postgres = ProcessInfo.processInfo.environment["KITTY_TEST_POSTGRES"]
  static let redis = ProcessInfo.processInfo.environment["KITTY_TEST_REDIS"]

  /// The names of the missing ones; `nil` when all are there.
  static let missing: String? = {
    var missing: [String] = []
    if postgres == nil { missing.append("KITTY_TEST_POSTGRES") }
    if redis == nil { missing.append("KITTY_TEST_REDIS") }
    for program in ["tmux", "nginx", "curl", "psql", "jq", "oathtool", "ssh-keygen"] where !has(program) {
      missing.append(program)
    }
    return missing.isEmpty ? nil : missing.joined(separator: ", ")
  }()

  /// Returns `true` when a program is installed.
  static func has(_ program: String) -> Bool {
    ["/usr/bin/", "/usr/sbin/", "/usr/local/bin/"].contains {
      FileManager.default.isExecutableFile(atPath: $0 + program)
    }
  }

  static let comment = Comment(rawValue: "missing: \(missing ?? "nothing"); `make test` brings them")
}

/// nginx in front of the server, with PostgreSQL and Redis, in a temporary folder.
struct Deployment: Sendable {
  let folder: String
  let serverPort: Int
  let port: Int
  /// A free port for another program of a test.
  let spare: Int
  private let databaseURL: String
  private let settings: [String: String]

  /// The URL of nginx, for clients.
  var url: String { "http://127.0.0.1:\(port)" }
  /// The URL of the server itself. Requests to it are not in the log of nginx.
  var serverURL: String { "http://127.0.0.1:\(serverPort)" }
  /// The URL of nginx with TLS, which it has with the setting `TLS_FOLDER`.
  var secureURL: String { "https://127.0.0.1:\(spare)" }
  /// A photo of a cat that contains its location.
  static let cat = source("Pictures/cat.jpg")
  /// The path of the client.
  static let client = programs + "/kittycash"
  private static let server = programs + "/kittycash-server"
  /// The folder of the package.
  static let root = URL(filePath: source("../..")).standardizedFileURL.path()

  /// The folder of the built programs, which also contains the test runner.
  static let programs: String = {
    let tests =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    return URL(filePath: tests).deletingLastPathComponent().path(percentEncoded: false)
      .trimmingSuffix("/")
  }()

  private static func source(_ path: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path(
      percentEncoded: false) + path
  }

  /// Starts the server and nginx, calls `body`, and stops both.
  ///
  /// Limits are off unless `settings` set them: all tests share one Redis and one address.
  static func run(
    settings: [String: String] = [:], database: String? = nil, _ body: (Deployment) async throws -> Void
  ) async throws {
    let deployment = try await Deployment(settings, database: database)
    do {
      try await deployment.startServer()
      try await deployment.startProxy()
      try await body(deployment)
    } catch {
      try await deployment.remove()
      throw error
    }
    try await deployment.remove()
  }

  private init(_ settings: [String: String], database: String?) async throws {
    self.settings = settings
    folder = NSTemporaryDirectory() + "kitty-deployment-" + UUID().uuidString
    // The workers of nginx run as another user and read the fallback page.
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    let ports = try await shell(
      """
      # Below the range of ephemeral ports, which the system assigns at any moment.
      python3 -c 'import random, socket
      sockets = []
      while len(sockets) < 3:
        s = socket.socket()
        try: s.bind(("127.0.0.1", random.randrange(10000, 32000)))
        except OSError: continue
        sockets.append(s); print(s.getsockname()[1])'
      """
    ).output.split(separator: "\n").compactMap { Int($0) }
    try #require(ports.count == 3)
    (serverPort, port, spare) = (ports[0], ports[1], ports[2])
    let url = try #require(DeploymentTools.postgres)
    let schema = "deployment_" + UUID().uuidString.lowercased().filter { $0 != "-" }
    let made = try await shell(#"psql -q "$URL" -c "create schema $SCHEMA""#, ["URL": url, "SCHEMA": schema])
    try #require(made.succeeded, "\(made.errors)")
    databaseURL = "\(database ?? url)?connect_timeout=30&options=-csearch_path%3D\(schema)"
  }

  /// Starts the server and waits until it is ready.
  func startServer() async throws {
    try await start("server", "serve")
    let ready = "http://127.0.0.1:\(serverPort)/health/ready"
    try await wait(
      for: "the server", state: { try await shell(#"cat "$DIR/server.log""#, ["DIR": folder]).output }
    ) {
      try await shell(#"curl -sf "$URL""#, ["URL": ready]).succeeded ? () : nil
    }
  }

  /// Starts a worker beside the server. Its log is worker.log.
  func startWorker() async throws { try await start("worker", "worker") }

  private func start(_ name: String, _ command: String) async throws {
    let started = try await shell(
      #"""
      # A data folder on a disk of its own, which only this program sees.
      [ -z "${DATA_SIZE:-}" ] || set -- unshare -rm sh -c \
        'mkdir -p "$DATA_DIR" && mount -t tmpfs -o "size=$DATA_SIZE" tmpfs "$DATA_DIR" && exec "$@"' sh
      cd "$DIR" && "$@" "$SERVER" "$COMMAND" </dev/null >>"$NAME.log" 2>&1 & echo $! >"$DIR/$NAME.pid"
      """#,
      [
        "DIR": folder, "SERVER": Self.server, "COMMAND": command, "NAME": name, "DATABASE_URL": databaseURL,
        "REDIS_URL": try #require(DeploymentTools.redis),
        "DATA_DIR": folder + "/data", "HOST": "127.0.0.1", "PORT": String(serverPort),
        "TRUSTED_PROXIES": "127.0.0.1", "RATE_LIMIT": "off", "SIGN_UP_LIMIT": "off", "SIGN_IN_LIMIT": "off",
      ].merging(settings) { $1 })
    try #require(started.succeeded, "\(started.errors)")
  }

  /// Stops the worker and waits for its end.
  func stopWorker() async throws { try await stop("worker", "TERM") }

  /// Stops the server and waits for its end.
  func stopServer(_ signal: String = "TERM") async throws { try await stop("server", signal) }

  private func stop(_ name: String, _ signal: String) async throws {
    let stopped = try await shell(
      #"""
      pid=$(cat "$DIR/$NAME.pid"); rm "$DIR/$NAME.pid"; kill -s "$SIGNAL" "$pid"
      for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || exit 0; sleep 0.1; done; exit 1
      """#,
      ["DIR": folder, "NAME": name, "SIGNAL": signal])
    try #require(stopped.succeeded, "the \(name) did not stop within ten seconds: \(stopped.errors)")
  }

  /// Starts nginx with the configuration of the project, with ports and paths of this deployment.
  private func startProxy() async throws {
    var text = try String(contentsOfFile: Self.root + "/nginx/nginx.conf", encoding: .utf8)
    for (original, replacement) in [
      ("listen 80;", "listen 127.0.0.1:\(port);"),
      ("server kittycash:8080", "server 127.0.0.1:\(serverPort)"),
      ("/usr/share/nginx/html", folder), ("/var/lib/kittycash/photos/", folder + "/data/photos/"),
      ("access_log /dev/stdout", "access_log \(folder)/access.log"),
    ] {
      try #require(text.contains(original), "nginx.conf has no “\(original)”")
      text = text.replacingOccurrences(of: original, with: replacement)
    }
    if settings["NGINX_SENDS_FILES"] != nil {
      // The files belong to the user of the server, who runs this test.
      text = "user \(NSUserName());\n" + text
      try "set $sends_files 1;\n".write(toFile: folder + "/photos.conf", atomically: true, encoding: .utf8)
    }
    try text.write(toFile: folder + "/nginx.conf", atomically: true, encoding: .utf8)
    try FileManager.default.copyItem(
      atPath: Self.root + "/nginx/fallback.html", toPath: folder + "/fallback.html")
    let included = try await shell(
      #"""
      "$ROOT/nginx/real-ip" >"$DIR/real_ip.conf" && "$ROOT/nginx/listen" >"$DIR/listen" || exit
      # The loopback alone, which may be without IPv6.
      grep -q '^0*1 ' /proc/net/if_inet6 || sed -i '/listen \[/d' "$DIR/listen"
      sed "s/\[::\]:80;/[::1]:$PORT;/; s/listen 443/listen 127.0.0.1:$HTTPS_PUBLISH/; s/\[::\]:443/[::1]:$HTTPS_PUBLISH/" \
        "$DIR/listen" >"$DIR/listen.conf"
      """#,
      [
        "ROOT": Self.root, "DIR": folder, "REAL_IP_FROM": settings["REAL_IP_FROM"] ?? "", "PORT": "\(port)",
        "TLS_FOLDER": settings["TLS_FOLDER"] ?? "", "HTTPS_PUBLISH": "\(spare)",
      ])
    try #require(included.succeeded, "\(included.errors)")
    let started = try await shell(
      #"PATH=$PATH:/usr/sbin nginx -p "$DIR" -c "$DIR/nginx.conf" -e stderr >"$DIR/nginx.log" 2>&1 </dev/null || cat "$DIR/nginx.log" >&2"#,
      ["DIR": folder])
    try #require(started.errors.isEmpty, "\(started.errors)")
    try await wait(for: "nginx") {
      try await shell(#"curl -sf "$URL""#, ["URL": url + "/health/ready"]).succeeded ? () : nil
    }
  }

  private func remove() async throws {
    let stopped = try await shell(
      #"for f in "$DIR"/*.pid; do [ ! -f "$f" ] || kill "$(cat "$f")"; done"#,
      ["DIR": folder])
    #expect(stopped.succeeded, "\(stopped.errors)")
    try await wait(for: "the port to be free") {
      try await shell(#"curl -s -o /dev/null "$URL""#, ["URL": url]).succeeded ? nil : ()
    }
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Starts a Python program on the port of the server, which must be stopped, and waits until it listens.
  func startProgram(_ name: String, _ program: String) async throws {
    let started = try await shell(
      #"""
      python3 -c "$PROGRAM" "$PORT" </dev/null >"$DIR/$NAME.log" 2>&1 & echo $! >"$DIR/$NAME.pid"
      for _ in $(seq 100); do
        python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])))' "$PORT" 2>/dev/null && exit
        sleep 0.1
      done; cat "$DIR/$NAME.log" >&2; exit 1
      """#, ["DIR": folder, "NAME": name, "PROGRAM": program, "PORT": String(serverPort)])
    try #require(started.succeeded, "\(started.errors)")
  }

  /// Returns the address of the client in the server's log line of a request.
  func client(of request: String) async throws -> String {
    try await wait(for: "the request \(request) in the log") {
      let line = try log("server.log").split(separator: "\n").first { $0.contains("\"\(request)\"") }
      return try line.map {
        try JSONDecoder().decode([String: String].self, from: Data($0.utf8))["client"] ?? ""
      }
    }
  }

  /// Returns the text of a log: `server.log`, `worker.log` or `access.log`.
  func log(_ name: String) throws -> String {
    try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
  }

  /// Runs a script with `$KITTY`, `$CAT` and the given variables; it must succeed.
  /// - Returns: The output without surrounding white space.
  func curl(_ script: String, _ values: [String: String] = [:]) async throws -> String {
    let outcome = try await shell(
      script, values.merging(["KITTY": url, "CAT": Self.cat]) { mine, _ in mine })
    try #require(outcome.succeeded, "\(script)\n\(outcome.output)\n\(outcome.errors)")
    return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
