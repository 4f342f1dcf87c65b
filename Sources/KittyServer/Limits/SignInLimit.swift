import KittyShared
import Redis
import Synchronization

/// Slows down guesses at passwords and codes: per account, from any address, and per address, at any account. An
/// address from which a sign-in to the account succeeded before is familiar and has a count of its own for that
/// account, so that an attacker cannot lock users out where they usually are; so has a device that holds a token of the
/// account, wherever it is. Attempts are counted before they are
/// checked: in Redis for all servers, and in this process without Redis and while it is unavailable. The rule is
/// `FailedAttempts`.
final class SignInLimit: Sendable {
  /// `true` while an attempt from a familiar address is checked: it need not wait behind those of strangers.
  @TaskLocal static var isFamiliar = false

  private let rule: FailedAttempts.Rule
  private let shared: SharedFailedAttempts?
  private let tables: Mutex<Tables>

  private struct Tables: Sendable {
    /// By account and address: the familiar pairs.
    var familiar: EvictingTable<FailedAttempts>
    /// By account, and by address.
    var others: EvictingTable<FailedAttempts>
  }

  /// The keys under which an attempt is counted.
  private struct Keys: Sendable {
    let names: [String]
    let pair: Int
    let others: [Int]
    /// `true` when the pair is the account and a device of it, which is always familiar.
    let isDevice: Bool

    init(name: String, from address: ClientAddress, device: String?) {
      let block = address.block.description
      let pair = device.map { "device:\(BearerToken($0).hash)" } ?? "pair:\(block)"
      names = ["\(pair):\(name)", "address:\(block)", "name:\(name)"].map { "kittycash:signin:\($0)" }
      isDevice = device != nil
      self.pair = names[0].hashValue
      others = names.dropFirst().map(\.hashValue)
    }
  }

  /// An attempt that may be made.
  private struct Permit: Sendable {
    let keys: Keys
    /// `true` when the address or the device is familiar for the account.
    let isFamiliar: Bool
    /// The counts that the attempt was given.
    let counts: [Int]
    /// `true` when Redis counted the attempt.
    let isShared: Bool
  }

  /// The outcome of an attempt that did not fail.
  private enum Outcome { case right, undecided }

  /// - Parameter capacity: The maximum number of accounts and addresses with a count in this process.
  init(_ rule: FailedAttempts.Rule, redis: RedisClient? = nil, capacity: Int = 1 << 14) {
    self.rule = rule
    shared = redis.map { SharedFailedAttempts(redis: $0, rule: rule) }
    tables = Mutex(
      Tables(familiar: EvictingTable(capacity: capacity), others: EvictingTable(capacity: capacity)))
  }

  /// Checks an attempt, unless it must wait.
  /// - Parameters:
  ///   - name: The name of the account. Other secrets, such as the codes of a second factor, have a name that cannot be
  ///     an account's, such as `code:` and the account's.
  ///   - address: The address of the client.
  ///   - device: The device token of the client, if it belongs to the account: the attempt counts only for this device.
  ///   - check: Makes the attempt. A right guess must mean that the whole sign-in was right: the address is familiar
  ///     from then on. An attempt that throws does not count, because nothing was decided.
  /// - Throws: `Rejection` when the attempt must wait, and the errors of `check`.
  func attempt<Value: Sendable>(
    _ name: String, from address: ClientAddress, device: String? = nil, at now: Instant = .now,
    _ check: () async throws -> Guess<Value>
  ) async throws -> Guess<Value> {
    let permit = try await begin(Keys(name: name, from: address, device: device), now.milliseconds)
    let guess: Guess<Value>
    do { guess = try await Self.$isFamiliar.withValue(permit.isFamiliar) { try await check() } } catch {
      await end(permit, .undecided)
      throw error
    }
    if case .right = guess { await end(permit, .right) }
    return guess
  }

  private func begin(_ keys: Keys, _ now: Int64) async throws -> Permit {
    let (permit, wait) = await beginShared(keys, now) ?? beginHere(keys, now)
    guard let permit else {
      let seconds = Int((wait + 999) / 1000)
      throw Rejection(
        .rateLimited, "too_many_sign_ins", "Too many wrong attempts",
        "Too many sign-ins failed here. This one was not checked; try again in \(seconds) \(seconds == 1 ? "second" : "seconds").",
        retryAfter: seconds)
    }
    return permit
  }

  private func beginHere(_ keys: Keys, _ now: Int64) -> (Permit?, wait: Int64) {
    tables.withLock { tables in
      let wait = Self.wait(of: keys.pair, in: &tables.familiar, now)
      if let wait, wait > 0 { return (nil, wait) }
      if wait != nil || keys.isDevice {
        let count = tables.familiar.update(keys.pair, or: FailedAttempts(), weight: { Int($0.last) }) {
          $0.begin(now, rule)
          return $0.count
        }
        return (Permit(keys: keys, isFamiliar: true, counts: [count], isShared: false), 0)
      }
      let longest = keys.others.map { Self.wait(of: $0, in: &tables.others, now) ?? 0 }.max() ?? 0
      guard longest <= 0 else { return (nil, longest) }
      let counts = keys.others.map { key in
        tables.others.update(key, or: FailedAttempts(), weight: { $0.weight(now, rule) }) {
          $0.begin(now, rule)
          return $0.count
        }
      }
      return (Permit(keys: keys, isFamiliar: false, counts: counts, isShared: false), 0)
    }
  }

  /// - Returns: `nil` for a key without failures.
  private static func wait(of key: Int, in table: inout EvictingTable<FailedAttempts>, _ now: Int64) -> Int64?
  {
    var wait: Int64?
    table.update(key) { wait = $0.wait(now) }
    return wait
  }

  /// - Returns: `nil` when Redis does not answer.
  private func beginShared(_ keys: Keys, _ now: Int64) async -> (Permit?, wait: Int64)? {
    switch await shared?.begin(keys.names, isDevice: keys.isDevice, at: now) {
    case nil: return nil
    case .wait(let wait): return (nil, wait)
    case .permitted(let isFamiliar, let counts):
      copy(counts, of: keys, isFamiliar: isFamiliar, at: now)
      return (Permit(keys: keys, isFamiliar: isFamiliar, counts: counts, isShared: true), 0)
    }
  }

  /// Copies the counts of Redis, so that this process continues from them if Redis becomes unavailable.
  private func copy(_ counts: [Int], of keys: Keys, isFamiliar: Bool, at now: Int64) {
    tables.withLock { tables in
      func set(_ failures: inout FailedAttempts, _ count: Int) {
        failures = FailedAttempts(count: count, until: rule.until(count, from: now), last: now)
      }
      if isFamiliar {
        tables.familiar.update(keys.pair, or: FailedAttempts(), weight: { Int($0.last) }) {
          set(&$0, counts.first ?? 1)
        }
      } else {
        tables.familiar.remove(keys.pair)
        for (key, count) in zip(keys.others, counts) {
          tables.others.update(key, or: FailedAttempts(), weight: { $0.weight(now, rule) }) {
            set(&$0, count)
          }
        }
      }
    }
  }

  private func end(_ permit: Permit, _ outcome: Outcome) async {
    let now = Instant.now.milliseconds
    tables.withLock { tables in
      if !permit.isFamiliar {
        for (key, count) in zip(permit.keys.others, permit.counts) {
          tables.others.update(key) { $0.takeBack(count) }
        }
      }
      if outcome == .right {
        tables.familiar.update(permit.keys.pair, or: FailedAttempts(), weight: { Int($0.last) }) {
          $0 = FailedAttempts(last: now)
        }
      } else if permit.isFamiliar {
        tables.familiar.update(permit.keys.pair) { $0.takeBack(permit.counts.first ?? 0) }
      }
    }
    guard permit.isShared else { return }
    await shared?.end(
      permit.keys.names, isRight: outcome == .right, isFamiliar: permit.isFamiliar, counts: permit.counts)
  }
}
