import Redis

/// The failed attempts that all servers count together, in Redis.
struct SharedFailedAttempts: Sendable {
  let redis: RedisClient
  let rule: FailedAttempts.Rule

  /// The answer of Redis to the begin of an attempt.
  enum Begin: Sendable {
    /// The attempt must wait, for this number of milliseconds.
    case wait(Int64)
    /// The attempt may be made.
    /// - Parameters:
    ///   - isFamiliar: `true` when a sign-in to the account from the address succeeded before.
    ///   - counts: The counts that the attempt was given.
    case permitted(isFamiliar: Bool, counts: [Int])
  }

  /// Counts an attempt.
  /// - Parameters:
  ///   - names: The names of the pair, the address and the account.
  ///   - isDevice: `true` when the pair is the account and a device of it, which is always familiar.
  /// - Returns: `nil` when Redis does not answer.
  func begin(_ names: [String], isDevice: Bool, at now: Int64) async -> Begin? {
    guard
      case .array(let reply)? = try? await redis.command(
        ["EVAL", Self.beginScript, "3"] + names
          + [now, Int64(rule.free), rule.first, rule.most, rule.short, rule.long, isDevice ? 1 : 0]
          .map(String.init))
    else { return nil }
    let numbers = reply.map { if case .integer(let number) = $0 { number } else { Int64(0) } }
    guard numbers.count >= 2 else { return nil }
    guard numbers[0] <= 0 else { return .wait(numbers[0]) }
    return .permitted(isFamiliar: numbers[1] == 1, counts: numbers.dropFirst(2).map(Int.init))
  }

  /// Removes an attempt that was not a failure. Without an answer of Redis it stays a failure there.
  func end(_ names: [String], isRight: Bool, isFamiliar: Bool, counts: [Int]) async {
    _ = try? await redis.command(
      ["EVAL", Self.endScript, "3"] + names
        + [isRight ? 1 : 0, isFamiliar ? 1 : 0, Self.familiarity].map { String($0) }
        + counts.map { String($0) })
  }

  /// Time for which an address is familiar after a right guess, in milliseconds.
  private static let familiarity: Int64 = 90 * 86_400_000

  /// `FailedAttempts.begin` for the pair if it is familiar, otherwise for the address and the account.
  private static let beginScript = """
    local now, free, first = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local most, short, long = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
    local device = ARGV[7] == '1'
    local known = device and 1 or redis.call('EXISTS', KEYS[1])
    local keys = known == 1 and {KEYS[1]} or {KEYS[2], KEYS[3]}
    local wait = 0
    for _, key in ipairs(keys) do
      local ends = tonumber(redis.call('HGET', key, 'until') or '0')
      local last = tonumber(redis.call('HGET', key, 'last') or '0')
      if now < last and ends > 0 then
        ends = ends - (last - now)
        redis.call('HSET', key, 'until', string.format('%.0f', ends), 'last', ARGV[1])
      end
      wait = math.max(wait, ends - now)
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
      if known == 0 or device then redis.call('PEXPIRE', key, count > free and long or short) end
      table.insert(reply, count)
    end
    return reply
    """

  /// `FailedAttempts.takeBack`; a right guess makes the pair familiar.
  private static let endScript = """
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
