import KittyShared

/// Messages of effects, the state of the connection, and timers.
extension AppState {
  enum Reachability: Sendable {
    case unknown
    case online(since: ContinuousClock.Instant)
    case offline(Outage)
  }

  /// The time since a read failed. The shown data stays, and the read is repeated by itself.
  struct Outage: Sendable {
    var why: SafeText
    /// `true` when the server answered, but not with the data.
    var isAnswered: Bool
    /// The number of reads that were due.
    var attempt = 1
    var retryAt: ContinuousClock.Instant
    /// The longest time to the next try.
    var limit: Duration
    /// `true` while a try runs that the user has asked for.
    var isAsked = false
    var lastSeen: Instant?
  }

  /// The time of the next `tick`; `nil` without a timer.
  var nextTick: ContinuousClock.Instant? {
    var times: [ContinuousClock.Instant] = []
    if let due = drafts.due { times.append(due) }
    if let toast { times.append(toast.until) }
    if let nextIdleTick { times.append(nextIdleTick) }
    if let wake = top.wake(after: context.now) { times.append(wake) }
    // The dots of the status move.
    if context.isWriting, !context.settings.isPlain { times.append(context.now + .milliseconds(200)) }
    if case .offline(let outage) = connection {
      if !retry.isEmpty { times.append(outage.retryAt) }
    } else {
      if !top.refresh.isEmpty { times.append(refreshAt) }
      if isReading { times.append(isSlow ? nextMinute : context.workingSince + Self.patience) }
    }
    return times.min()
  }

  /// The time at which the age of the data grows by a minute.
  private var nextMinute: ContinuousClock.Instant {
    guard case .online(let since) = connection else { return context.now + .seconds(60) }
    return since + .seconds(60 * ((context.now - since).components.seconds / 60 + 1))
  }

  /// The time after which a read is said to be under way. A quick one would only flicker.
  private static let patience: Duration = .seconds(1)
  private var isReading: Bool { top.refresh.contains { context.running.contains($0) } }
  /// `true` while the screen's data is read for so long that its user must know that it is not the newest.
  var isSlow: Bool { isReading && context.now >= context.workingSince + Self.patience }

  /// The reads that show if the server is back: those of the top screen, or of the one below a form.
  var retry: [Effect] { screens.last { !$0.refresh.isEmpty }?.refresh ?? [] }

  mutating func tick() -> [Effect] {
    let isQuiet = toast == nil && idleWords == nil && !context.isWriting && !context.settings.isPlain
    if let toast, toast.until <= context.now { self.toast = nil }
    if case .offline(var outage) = connection {
      guard outage.retryAt <= context.now else { return [] }
      looksTheSame =
        isQuiet && !outage.isAsked && outage.limit == Self.longestPause && top.wake(after: context.now) == nil
      outage.attempt += 1
      outage.retryAt =
        context.now + Self.pause(outage.attempt, isAnswered: outage.isAnswered) * context.patience()
      outage.limit = Self.longestPause
      connection = .offline(outage)
      return begin(retry)
    }
    guard refreshAt <= context.now else { return [] }
    refreshedAt = context.now
    return begin(top.refresh)
  }

  private static let longestPause: Duration = .seconds(30)

  /// 1, 2, 4 … 30 seconds; at least 5 when the server answered, since some of its other answers may be right.
  private static func pause(_ attempt: Int, isAnswered: Bool) -> Duration {
    max(.seconds(isAnswered ? 5 : 1), min(longestPause, .seconds(1 << min(attempt - 1, 5))))
  }

  /// Shows the groups of the cache.
  mutating func receive(_ cached: CachedGroups) {
    // What a screen wants to read waits for the present groups.
    for index in screens.indices { _ = screens[index].receive(.cachedGroups(cached), context) }
  }

  mutating func receive(_ message: Message) -> [Effect] {
    var isReached = false
    var knowsUser = false
    switch message {
    case .failed(let effect, let failure):
      // A form may send its effect again at once.
      noteEnd(of: effect)
      if case .problem(let problem) = failure, problem.code == Rejection.signInNeeded.code {
        interruptForSignIn(effect)
        return []
      }
      note(failure, of: effect)
      noteError(failure, of: effect)
    case .sent(let effect, let id):
      sent = (effect, id)
      return []
    case .completions, .progress, .refused, .draftKept, .draftDropped, .cachedGroups, .cachedGroup,
      .seen:
      break
    case .drafts(let content): return receive(content)
    case .warning(let why):
      show(SafeText(why))
      return []
    case .uploaded(let target, _):
      for case .upload(target, let path) in context.running {
        context.pictureFolder = path.lastIndex(of: "/").map { String(path[...$0]) }
      }
      seen()
      isReached = true
    case .signedIn(let name, let timeZone): return signedIn(name, timeZone)
    case .signedOut: return signedOut()
    case .you(.deleted):
      let effects = signedOut()
      show("Your account no longer exists. What you entered stays in the books of your groups.")
      return effects
    case .places(let groups):
      seen()
      return receive(groups)
    case .account(let user):
      context.timeZone = user.timeZone
      if name.string.isEmpty {
        // A token in the environment comes without its user.
        name = SafeText(user.name)
        knowsUser = true
      }
      context.currency = user.defaultCurrency
      needsAccount = false
      seen()
    default:
      seen()
      isReached = true
      if case .you(.notice(let text)) = message { show(SafeText(text)) }
    }
    let answers = screens.indices.map { screens[$0].receive(message, context) }
    var effects = knowsUser ? begin([.loadDrafts]) : []
    if case .failed(_, .uncertain) = message {
      // The user must see what was done.
      effects = begin(retry)
    }
    if isReached { effects += begin((needsAccount ? [.loadAccount] : []) + readsDestination) }
    return effects + perform(answers: answers)
  }

  /// Performs the answers of all screens to a message.
  mutating func perform(answers: [[Action]]) -> [Effect] {
    var effects: [Effect] = []
    for (index, actions) in answers.enumerated() where !actions.isEmpty {
      effects += perform(asked(actions, by: index), of: index)
    }
    return effects
  }

  /// Turns questions into toasts, unless the screen is on top and takes no text: else a letter of a text would be the
  /// answer. A screen below another one opens none: the keys of its user are for the screen on top.
  private func asked(_ actions: [Action], by index: Int) -> [Action] {
    let isOnTop = screens.dropFirst(index + 1).allSatisfy { $0.signInReason != nil }
    let isFree =
      index == screens.count - 1 && !top.isEditing && question == nil && !showsHelp && palette == nil
    return actions.compactMap { action in
      switch action {
      case .confirm(let text, _) where !isFree: .toast("Not done. \(text) Repeat it to answer.")
      case .push where !isOnTop, .resume where !isOnTop: nil
      default: action
      }
    }
  }

  /// Shows the form to sign in above the present screens, which stay as they are. The effect was not run, so it can
  /// be repeated afterwards. Of several rejected changes only the last is repeated.
  private mutating func interruptForSignIn(_ effect: Effect) {
    guard context.kiosk == nil else {
      isEnded = true
      return
    }
    if effect != .signOut {
      afterSignIn.removeAll { $0 == effect || ($0.isWrite && effect.isWrite) }
      afterSignIn.append(effect)
    }
    if top.signInReason == nil {
      leaveScreen()
      palette = nil
      screens.append(roots.signIn(true, name.string))
    }
  }

  private mutating func signedIn(_ name: String, _ timeZone: String?) -> [Effect] {
    let isSame = self.name == SafeText(name)
    let kept = isSame ? [] : leaveDrafts()
    self.name = SafeText(name)
    context.timeZone = timeZone
    seen()
    // The sign-in is done, although its `finished` event comes later. Remove it here, or the waiting effects
    // would not start.
    context.running.removeAll(where: \.isSigningIn)
    let waiting = afterSignIn
    afterSignIn = []
    // The user has left the sign-in before its answer came: the screens stay, and so does their text. Those of another
    // user are closed.
    if top.signInReason == nil, isSame { return begin(waiting.isEmpty ? top.refresh : waiting) }
    if !isSame { forgetUser() }
    guard top.signInReason == .interruption, screens.count > 1, isSame else {
      return kept + perform([.restart(roots.home()), .run(.loadDrafts)], of: screens.count - 1)
        + begin(readsDestination)
    }
    screens.removeLast()
    return begin(waiting.isEmpty ? top.refresh : waiting)
  }

  /// Closes everything of the user. Unsaved text stays as drafts.
  private mutating func signedOut() -> [Effect] {
    let kept = leaveDrafts()
    leaveScreen()
    name = ""
    context.timeZone = nil
    context.currency = nil
    forgetUser()
    // A connection of ssh has one session.
    if context.kiosk != nil { return kept + [.quit] }
    return kept + perform([.restart(roots.signIn(false, ""))], of: screens.count - 1)
  }

  /// Forgets what the user looked for and met, before another one signs in.
  private mutating func forgetUser() {
    (groups, memory, lastError, sent, palette, messages) = ([], PaletteMemory(), nil, nil, nil, [])
  }

  private mutating func seen() {
    if case .offline = connection { show("Online again.") }
    connection = .online(since: context.now)
    refreshedAt = context.now
  }

  /// Notes the result of a failed effect for the connection. The data on the screens stays as it is.
  private mutating func note(_ failure: ClientFailure, of effect: Effect) {
    switch failure {
    case .offline: lose(failure, isAnswered: false)
    case .problem(let problem) where problem.status >= 500 || problem.status == 429:
      if !effect.isWrite { lose(failure, isAnswered: true, after: problem.retryAfter) }
    case .problem:
      seen()
      if !effect.isWrite && !effect.failsOnItsScreen { show(SafeText(failure.message)) }
    case .unreadable:
      if !effect.isWrite { lose(failure, isAnswered: true) }
    case .busy, .cancelled, .uncertain, .savedBefore, .madeBefore: break
    }
  }

  private mutating func lose(_ failure: ClientFailure, isAnswered: Bool, after seconds: Int? = nil) {
    var outage = Outage(
      why: "", isAnswered: isAnswered,
      retryAt: context.now + Self.pause(1, isAnswered: isAnswered) * context.patience(),
      limit: Self.longestPause)
    switch connection {
    case .offline(let known): outage = known
    case .online(let since): outage.lastSeen = context.clock().advanced(by: since - context.now)
    case .unknown: break
    }
    (outage.why, outage.isAnswered, outage.isAsked) = (SafeText(failure.message), isAnswered, false)
    // The server may ask for a longer pause; an hour is the longest.
    let asked = Duration.seconds(min(3600, seconds ?? 0))
    outage.limit = max(outage.limit, asked)
    outage.retryAt = max(outage.retryAt, context.now + asked)
    connection = .offline(outage)
  }
}
