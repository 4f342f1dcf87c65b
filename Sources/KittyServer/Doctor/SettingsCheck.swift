import FoundationEssentials
import POSIX

/// Settings that are valid, but contradict each other or leave a door open.
struct SettingsCheck: Check {
  let part = "settings"
  let settings: Settings

  func findings() -> [Finding] {
    var found: [Finding] = []
    func warn(_ isWrong: Bool, _ text: String) { if isWrong { found.append(.warning(text)) } }
    let isLocal = LoopbackHost.contains(settings.host)
    let isBehindProxy = settings.publicURL?.hasPrefix("https://") == true
    warn(
      settings.signUp == .open,
      "SIGN_UP is open: everyone who reaches the server can make an account. Set SIGN_UP=invite or closed, unless you want that."
    )
    warn(
      settings.publicURL.map { $0.hasPrefix("http://") && !Self.isOnThisMachine($0) } ?? false,
      "PUBLIC_URL begins with http://: passwords travel without encryption. Put a proxy with TLS in front, as docs/operations.md says."
    )
    warn(
      isBehindProxy && settings.trustedProxies.isEmpty,
      "PUBLIC_URL needs a proxy, and TRUSTED_PROXIES names none: all clients share the limits of one address. Name the proxy there."
    )
    warn(
      !isLocal && settings.trustedProxies.isEmpty,
      "HOST is \(settings.host) without a proxy in TRUSTED_PROXIES: clients reach the server without TLS. Use HOST=127.0.0.1, or name the proxy."
    )
    warn(
      settings.secretKeys.isEmpty,
      "SECRETS_KEY is not set: the secrets of second factors are stored as they are. Set it to the output of: openssl rand -hex 32"
    )
    warn(
      settings.limits.signIns == nil || settings.limits.address == nil,
      "SIGN_IN_LIMIT or RATE_LIMIT_ADDRESS is off: passwords can be guessed without a limit. Remove the setting, unless a proxy has such limits."
    )
    warn(
      settings.databaseURL != nil && settings.redisURL == nil,
      "PostgreSQL without REDIS_URL: nothing is cached, and each copy counts its limits alone. Set REDIS_URL."
    )
    warn(
      settings.databaseURL == nil && settings.worker == .separate,
      "WORKER=separate with SQLite: the worker must run on this machine, with the same DATA_DIR. WORKER=inline needs no second process."
    )
    warn(
      settings.mail == nil,
      "SMTP_URL is not set: no user can set a forgotten password alone. An operator does it with: kittycash-server user reset-password NAME"
    )
    return found.isEmpty ? [.ok("The settings fit together.")] : found
  }

  private static func isOnThisMachine(_ url: String) -> Bool {
    URLComponents(string: url)?.host.map { LoopbackHost.contains($0) } ?? false
  }
}
