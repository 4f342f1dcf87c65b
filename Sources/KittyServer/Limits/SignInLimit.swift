import KittyShared
import Redis
import Synchronization

/// Lets passwords and codes be guessed ever more slowly: by account, whoever guesses, and by address, whatever
/// account is guessed. An address from which an account was signed in to before has a count of its own for
/// that account, so that nobody can lock others out of where they usually are. Counted in Redis for all
/// copies of the server, before an attempt is looked at; in process without Redis, and while it is away.
final class SignInLimit: Sendable {
  private let rule: FailedAttempts.Rule
  private let redis: RedisClient?
  private let state: Mutex<State>

  private struct State: Sendable {
    /// By account and address: where somebody was right before.
    var pairs: EvictingTable<FailedAttempts>
    /// By account, and by address.
    var others: EvictingTable<FailedAttempts>
  }

  /// What an attempt is counted under.
  private struct Keys: Sendable {
    let names: [String]
    let pair: Int
    let others: [Int]

    init(name: String, from address: ClientAddress) {
      let place = address.block.description
      names = ["pair:\(place):\(name)", "address:\(place)", "name:\(name)"].map { "kittycash:signin:\($0)" }
      pair = names[0].hashValue
      others = names.dropFirst().map(\.hashValue)
    }
  }

  /// An attempt that may be made.
  private struct Permit: Sendable {
    let keys: Keys
    /// Whether its address was right before.
    let isKnown: Bool
    /// The counts that it was given.
    let counts: [Int]
    /// Whether Redis counted it.
    let isShared: Bool
  }

  /// How it ended, where it did not fail.
  private enum Outcome { case right, undecided }

  /// - Parameter capacity: Of how many accounts and addresses it keeps a count in this process.
  init(_ rule: FailedAttempts.Rule, redis: RedisClient? = nil, capacity: Int = 1 << 14) {
    self.rule = rule
    self.redis = redis
    state = Mutex(
      State(pairs: EvictingTable(capacity: capacity), others: EvictingTable(capacity: capacity)))
  }

  /// Has an attempt looked at, if it is time for one.
  /// - Parameters:
  ///   - name: What is guessed at: an account's name. What else is guessed at, such as the codes of a second
  ///     factor, has a name that cannot be an account's, such as `code:` and the account's.
  ///   - address: Where the attempt comes from.
  ///   - look: Returns `nil` for a wrong guess. A value must mean that the whole of the sign-in was right: the
  ///     address is known for it from then on. What it throws counts for nothing: nothing was decided.
  /// - Throws: `Rejection`, or what `look` throws.
  func attempt<Value: Sendable>(
    _ name: String, from address: ClientAddress, at now: Instant = .now,
    _ look: () async throws -> Value?
  ) async throws -> Value? {
    let permit = try await begin(Keys(name: name, from: address), now.milliseconds)
    let value: Value?
    do { value = try await look() } catch {
      await end(permit, .undecided)
      throw error
    }
    if value != nil { await end(permit, .right) }
    return value
  }

  private func begin(_ keys: Keys, _ now: Int64) async throws -> Permit {
    let (permit, wait) = await beginShared(keys, now) ?? beginHere(keys, now)
    guard let permit else {
      let seconds = Int((wait + 999) / 1000)
      throw Rejection(
        .rateLimited, "too_many_sign_ins", "Too many wrong attempts",
        "Too many sign-ins failed here. Nothing was looked at; try again in \(seconds) \(seconds == 1 ? "second" : "seconds").",
        retryAfter: seconds)
    }
    return permit
  }

  private func beginHere(_ keys: Keys, _ now: Int64) -> (Permit?, wait: Int64) {
    state.withLock { state in
      if let pair = state.pairs[keys.pair] {
        guard pair.wait(now) <= 0 else { return (nil, pair.wait(now)) }
        var count = 0
        state.pairs.update(keys.pair) {
          $0.begin(now, rule)
          count = $0.count
        }
        return (Permit(keys: keys, isKnown: true, counts: [count], isShared: false), 0)
      }
      let wait = keys.others.map { state.others[$0]?.wait(now) ?? 0 }.max() ?? 0
      guard wait <= 0 else { return (nil, wait) }
      let counts = keys.others.map { key in
        state.others.update(key, or: FailedAttempts(), weight: { $0.weight(now, rule) }) {
          $0.begin(now, rule)
          return $0.count
        }
      }
      return (Permit(keys: keys, isKnown: false, counts: counts, isShared: false), 0)
    }
  }

  /// - Returns: `nil` when Redis does not answer.
  private func beginShared(_ keys: Keys, _ now: Int64) async -> (Permit?, wait: Int64)? {
    guard
      case .array(let reply)? = try? await redis?.command(
        ["EVAL", Self.beginning, "3"] + keys.names
          + [now, Int64(rule.free), rule.first, rule.most, rule.short, rule.long].map(String.init))
    else { return nil }
    let numbers = reply.map { if case .integer(let number) = $0 { number } else { Int64(0) } }
    guard numbers.count >= 2 else { return nil }
    guard numbers[0] <= 0 else { return (nil, numbers[0]) }
    let isKnown = numbers[1] == 1
    let counts = numbers.dropFirst(2).map(Int.init)
    // This process goes on from here, should Redis go away.
    state.withLock { state in
      func set(_ failures: inout FailedAttempts, _ count: Int) {
        failures = FailedAttempts(count: count, until: rule.until(count, from: now), last: now)
      }
      if isKnown {
        state.pairs.update(keys.pair, or: FailedAttempts(), weight: { Int($0.last) }) {
          set(&$0, counts.first ?? 1)
        }
      } else {
        state.pairs.remove(keys.pair)
        for (key, count) in zip(keys.others, counts) {
          state.others.update(key, or: FailedAttempts(), weight: { $0.weight(now, rule) }) { set(&$0, count) }
        }
      }
    }
    return (Permit(keys: keys, isKnown: isKnown, counts: counts, isShared: true), 0)
  }

  private func end(_ permit: Permit, _ ending: Outcome) async {
    let now = Instant.now.milliseconds
    state.withLock { state in
      if !permit.isKnown {
        for (key, count) in zip(permit.keys.others, permit.counts) {
          state.others.update(key) { $0.takeBack(count) }
        }
      }
      if ending == .right {
        state.pairs.update(permit.keys.pair, or: FailedAttempts(), weight: { Int($0.last) }) {
          $0 = FailedAttempts(last: now)
        }
      } else if permit.isKnown {
        state.pairs.update(permit.keys.pair) { $0.takeBack(permit.counts.first ?? 0) }
      }
    }
    guard permit.isShared else { return }
    // What Redis is not told stays a failure there.
    _ = try? await redis?.command(
      ["EVAL", Self.ending, "3"] + permit.keys.names
        + [ending == .right ? 1 : 0, permit.isKnown ? 1 : 0, Self.known].map { String($0) }
        + permit.counts.map { String($0) })
  }

  /// For how long an address is known after it was right: milliseconds.
  private static let known: Int64 = 90 * 86_400_000

  /// `FailedAttempts.begin` for the pair, if it is known, else for the address and the name.
  private static let beginning = """
    local now, free, first = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local most, short, long = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
    local known = redis.call('EXISTS', KEYS[1])
    local keys = known == 1 and {KEYS[1]} or {KEYS[2], KEYS[3]}
    local wait = 0
    for _, key in ipairs(keys) do
      wait = math.max(wait, tonumber(redis.call('HGET', key, 'until') or '0') - now)
    end
    local reply = {wait, known}
    if wait > 0 then return reply end
    for _, key in ipairs(keys) do
      local count = tonumber(redis.call('HGET', key, 'count') or '0')
      local last = tonumber(redis.call('HGET', key, 'last') or '0')
      if now - last > (count > free and long or short) then count = 0 end
      count = count + 1
      local ends = 0
      if count > free then ends = now + math.min(most, first * 2 ^ math.min(count - free - 1, 30)) end
      redis.call('HSET', key, 'count', count, 'until', string.format('%.0f', ends), 'last', ARGV[1])
      if known == 0 then redis.call('PEXPIRE', key, count > free and long or short) end
      table.insert(reply, count)
    end
    return reply
    """

  /// `FailedAttempts.takeBack`; and the address is known for the name from now on, if it was right.
  private static let ending = """
    local keys = ARGV[2] == '1' and {KEYS[1]} or {KEYS[2], KEYS[3]}
    for index, key in ipairs(keys) do
      local count = tonumber(redis.call('HGET', key, 'count') or '0')
      if count == tonumber(ARGV[3 + index]) then redis.call('HSET', key, 'until', 0) end
      if count > 1 or ARGV[2] == '1' and count > 0 then
        redis.call('HINCRBY', key, 'count', -1)
      elseif ARGV[2] == '0' then
        redis.call('DEL', key)
      end
    end
    if ARGV[1] == '1' then
      redis.call('DEL', KEYS[1])
      redis.call('HSET', KEYS[1], 'count', 0, 'until', 0, 'last', 0)
      redis.call('PEXPIRE', KEYS[1], ARGV[3])
    end
    return 1
    """
}
