import KittyShared

/// The state of the full screen. It changes only in `update`, which is pure, so tests need no terminal and no server:
///
/// 1. `EventLoop` takes an `Event`: a key of `Terminal`, a `Message` of `EffectRunner`, or a tick.
/// 2. `update(_:at:)` changes the state and returns the `Effect`s to run. A key goes through the `Binding`s of the
///    top `Screen`, which give its `Command`; the screen answers a command or a message with `Action`s.
/// 3. `EffectRunner` runs each effect off the main thread and posts its `Message` as the next event.
/// 4. `view()` draws the top screen, header, status and footer into a `Canvas`; `Terminal` shows it.
///
/// `screens` is a stack: `Action.push` opens a screen, `.pop` closes it, `.restart` replaces all of them.
struct AppState: Sendable {
  var context: Context
  var screens: [any Screen]
  private let roots: RootScreens
  /// The name of the signed-in user.
  var name: SafeText = ""
  var server: SafeText
  var question: Question?
  var showsHelp = false { didSet { if !showsHelp { helpTop = 0 } } }
  /// The first visible line of the help.
  private(set) var helpTop = 0
  var toast: Toast?
  var connection = Connection.unknown
  /// The effects to repeat after the user has signed in again.
  private var afterSignIn: [Effect] = []
  private var refreshAt: ContinuousClock.Instant?

  struct Question: Sendable {
    let text: SafeText
    let actions: [Action]
    /// `true` when Ctrl-C asked the question: a second Ctrl-C ends the program.
    var isInterrupt = false
  }

  struct Toast: Sendable {
    let text: SafeText
    let until: ContinuousClock.Instant
  }

  enum Connection: Sendable {
    case unknown
    case online(since: ContinuousClock.Instant)
    case offline(
      why: SafeText, retryAt: ContinuousClock.Instant, attempt: Int, lastSeen: ContinuousClock.Instant?)
  }

  /// The interval of the automatic refresh.
  static let refreshInterval: Duration = .seconds(15)

  init(context: Context, server: SafeText, roots: RootScreens, first: any Screen, name: SafeText = "") {
    self.context = context
    self.roots = roots
    self.server = server
    self.name = name
    screens = [first]
    refreshAt = context.now + Self.refreshInterval
  }

  /// An input of the state machine.
  enum Event: Sendable {
    case key(Key)
    /// Ctrl-C.
    case interrupt
    case resized(width: Int, height: Int)
    case message(Message)
    /// An effect has ended. Its message, if any, came before.
    case finished(Effect)
    /// Time has passed.
    case tick
  }

  /// Returns the first effects.
  mutating func start() -> [Effect] { begin(top.refresh) }

  /// Handles one event.
  /// - Returns: The effects to run.
  mutating func update(_ event: Event, at now: ContinuousClock.Instant) -> [Effect] {
    context.now = now
    switch event {
    case .resized(let width, let height):
      context.width = width
      context.height = height
      return []
    case .interrupt:
      return interrupt()
    case .key(let key): return press(key)
    case .message(let message): return receive(message)
    case .finished(let effect):
      if let index = context.running.firstIndex(of: effect) { context.running.remove(at: index) }
      return []
    case .tick: return tick()
    }
  }

  /// Handles Ctrl-C: cancels running effects, else ends the program. Unsaved input is not lost without a question.
  private mutating func interrupt() -> [Effect] {
    if question?.isInterrupt == true { return [.quit] }
    if question != nil || showsHelp { return close() }
    if !context.running.isEmpty { return [.cancel] }
    guard screens.contains(where: \.hasUnsaved) else { return [.quit] }
    question = Question(
      text: Self.leaving, actions: [top.hasUnsaved ? .pop : .run(.quit)], isInterrupt: true)
    return []
  }

  private static let leaving: SafeText = "Leave without saving your changes?"

  /// The time of the next `tick`; `nil` without a timer.
  var nextTick: ContinuousClock.Instant? {
    var times: [ContinuousClock.Instant] = []
    if let toast { times.append(toast.until) }
    if case .offline(_, let retryAt, _, _) = connection {
      times.append(min(retryAt, context.now + .seconds(1)))
    }
    if !context.running.isEmpty { times.append(context.now + .milliseconds(200)) }
    if let refreshAt, !top.refresh.isEmpty { times.append(refreshAt) }
    return times.min()
  }

  var top: any Screen { screens[screens.count - 1] }

  private mutating func press(_ key: Key) -> [Effect] {
    if let question {
      self.question = nil
      if key == .character("y") || key == .character("Y") { return perform(question.actions) }
      return []
    }
    if showsHelp {
      if let moving = Binding.moving.first(where: { $0.keys.contains(key) }) {
        scrollHelp(moving.command)
      } else {
        showsHelp = false
      }
      return []
    }
    if key == .f1 { return command(.help) }
    if top.isEditing, screens[screens.count - 1].edit(key, context) { return begin(top.reads) }
    if let binding = top.bindings.first(where: { $0.keys.contains(key) }) { return command(binding.command) }
    // A form line with a choice accepts no text.
    return key == .character("?") ? command(.help) : []
  }

  private mutating func scrollHelp(_ command: Command) {
    let page = max(1, helpHeight - 1)
    let steps: [Command: Int] = [.down: 1, .up: -1, .pageDown: page, .pageUp: -page]
    let last = max(0, helpLines.count - helpHeight)
    switch command {
    case .top: helpTop = 0
    case .bottom: helpTop = last
    default: helpTop = max(0, min(last, helpTop + (steps[command] ?? 0)))
    }
  }

  private mutating func command(_ command: Command) -> [Effect] {
    switch command {
    case .help:
      showsHelp = true
      return []
    case .refresh:
      return begin(top.refresh)
    case .back, .quit:
      let actions = screens[screens.count - 1].perform(command, context)
      if !actions.isEmpty { return perform(actions) }
      if top.hasUnsaved {
        question = Question(text: Self.leaving, actions: [.pop])
        return []
      }
      if screens.count > 1 { return perform([.pop]) }
      return command == .quit ? [.quit] : []
    default:
      return perform(screens[screens.count - 1].perform(command, context))
    }
  }

  private mutating func close() -> [Effect] {
    question = nil
    showsHelp = false
    return []
  }

  private mutating func perform(_ actions: [Action]) -> [Effect] {
    var effects: [Effect] = []
    for action in actions {
      switch action {
      case .run(let effect): effects += begin([effect])
      case .push(let screen):
        // A toast belongs to the screen that showed it.
        toast = nil
        screens.append(screen)
        effects += begin(screen.refresh)
      case .pop:
        if screens.count > 1 { screens.removeLast() }
        effects += begin(top.refresh)
      case .restart(let screen):
        screens = [screen]
        effects += begin(screen.refresh)
      case .confirm(let text, let actions): question = Question(text: text, actions: actions)
      case .toast(let text): show(text)
      case .help: showsHelp = true
      }
    }
    return effects
  }

  /// Starts effects, except those that are running already: a second Enter cannot pay twice.
  private mutating func begin(_ effects: [Effect]) -> [Effect] {
    effects.filter { effect in
      guard !context.running.contains(effect), !(effect.isWrite && context.isWriting) else { return false }
      if context.running.isEmpty { context.workingSince = context.now }
      if effect != .cancel && effect != .quit { context.running.append(effect) }
      return true
    }
  }

  private mutating func show(_ text: SafeText) {
    toast = Toast(text: text, until: context.now + .seconds(6))
  }

  private mutating func receive(_ message: Message) -> [Effect] {
    var effects: [Effect] = []
    switch message {
    case .failed(let effect, .problem(let problem)) where problem.code == Rejection.signInNeeded.code:
      // The effect was not run, so it can be repeated after signing in again. The screen below stays as it is.
      // Of several rejected changes only the last is repeated.
      if effect != .signOut {
        afterSignIn.removeAll { $0 == effect || ($0.isWrite && effect.isWrite) }
        afterSignIn.append(effect)
      }
      if top.signInReason == nil {
        screens.append(roots.signIn(screens.count > 0, name.string))
      }
      return []
    case .failed(let effect, let failure) where failure.isTransient && !effect.isWrite:
      connection = nextOffline(failure)
    case .failed(_, .offline), .completions, .progress, .refused: break
    case .failed: break
    case .signedIn(let name):
      let isSame = self.name == SafeText(name)
      self.name = SafeText(name)
      seen()
      // The sign-in is done, although its `finished` event comes later. Remove it here, or the waiting effects
      // would not start.
      context.running.removeAll(where: \.isSigningIn)
      if top.signInReason == .interruption, screens.count > 1, isSame {
        screens.removeLast()
        effects += begin(afterSignIn.isEmpty ? top.refresh : afterSignIn)
      } else {
        effects += perform([.restart(roots.home())])
      }
      afterSignIn = []
      return effects
    case .signedOut:
      name = ""
      return perform([.restart(roots.signIn(false, ""))])
    default: seen()
    }
    for index in screens.indices where screens.indices.contains(index) {
      effects += perform(screens[index].receive(message, context))
    }
    return effects
  }

  private mutating func seen() {
    connection = .online(since: context.now)
    refreshAt = context.now + Self.refreshInterval
  }

  private func nextOffline(_ failure: ClientFailure) -> Connection {
    var attempt = 1
    var lastSeen: ContinuousClock.Instant?
    switch connection {
    case .offline(_, _, let before, let seen):
      attempt = before + 1
      lastSeen = seen
    case .online(let since): lastSeen = since
    case .unknown: break
    }
    // 1, 2, 4 … 30 seconds.
    let pause = Duration.seconds(min(30, 1 << min(attempt - 1, 5)))
    return .offline(
      why: SafeText(failure.message), retryAt: context.now + pause, attempt: attempt, lastSeen: lastSeen)
  }

  private mutating func tick() -> [Effect] {
    if let toast, toast.until <= context.now { self.toast = nil }
    if case .offline(_, let retryAt, _, _) = connection, retryAt <= context.now { return begin(top.refresh) }
    if let refreshAt, refreshAt <= context.now {
      self.refreshAt = context.now + Self.refreshInterval
      return begin(top.refresh)
    }
    return []
  }
}
