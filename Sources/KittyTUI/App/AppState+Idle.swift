import KittyShared

/// The end of a screen that is left alone, where the user or the operator has set a limit.
extension AppState {
  /// The time before the end in which it is announced: a minute, or half of a shorter limit.
  private var idleNotice: Duration { .seconds(min(60, 30 * (context.settings.idleMinutes ?? 0))) }

  /// The moment of the end, unless a key is pressed before; `nil` without a limit.
  var idleEnd: ContinuousClock.Instant? {
    context.settings.idleMinutes.map { usedAt + .seconds(60 * $0) }
  }

  /// `true` when nothing was pressed for the whole time.
  var isIdleOver: Bool { idleEnd.map { $0 <= context.now } ?? false }

  /// The seconds until the end, once it is announced.
  var idleSeconds: Int64? {
    guard let idleEnd, idleEnd - context.now <= idleNotice else { return nil }
    // A part of a second counts as one, so that the last number shown is 1.
    return max(0, (idleEnd - context.now + .milliseconds(999)).components.seconds)
  }

  /// The next moment at which the countdown changes.
  var nextIdleTick: ContinuousClock.Instant? {
    guard let idleEnd else { return nil }
    guard let seconds = idleSeconds else { return idleEnd - idleNotice }
    return max(context.now, idleEnd - .seconds(seconds - 1))
  }

  /// The words of the countdown.
  var idleWords: SafeText? {
    guard let seconds = idleSeconds else { return nil }
    // A screen reader is told once.
    let time: SafeText = context.settings.isPlain ? "within a minute" : "in \(seconds) s"
    return "KittyCash ends \(time), because no key is pressed. Any key stays; drafts are kept."
  }

  /// Notes that a key was pressed.
  /// - Returns: `false` when it has ended the countdown.
  mutating func stay() -> Bool {
    let isEnding = idleSeconds != nil
    usedAt = context.now
    return !isEnding
  }
}
