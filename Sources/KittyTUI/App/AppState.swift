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
  let roots: RootScreens
  /// The name of the signed-in user.
  var name: SafeText = ""
  var server: SafeText
  var question: Question?
  var showsHelp = false {
    didSet { if !showsHelp { (helpTop, helpFilter) = (0, nil) } }
  }
  /// The text that the keys of the help are searched for; `nil` without a search.
  var helpFilter: TextField?
  /// The first visible line of the help.
  var helpTop = 0
  var toast: Toast?
  /// The messages of this user that were shown, the newest first.
  var messages: [ShownMessage] = []
  var connection = Reachability.unknown
  /// The keys that were pressed while the top screen was read for the first time. They are pressed when it is there.
  var held: [Key] = []
  /// The palette above the top screen.
  var palette: Palette?
  var memory = PaletteMemory()
  /// The groups that the palette offers, as they were read last.
  var groups: [Group] = []
  /// The place to open after the start, as the user named it.
  var destination: String?
  /// The effects to repeat after the user has signed in again.
  var afterSignIn: [Effect] = []
  /// The time of the last answer, or of the last refresh.
  var refreshedAt: ContinuousClock.Instant
  /// The time of the last key.
  var usedAt: ContinuousClock.Instant
  var drafts = DraftFiles()
  /// The last click on a line, which a second one makes a double click.
  var lastClick: Click?
  var keyMap = KeyMap()
  var lastError: LastError?
  /// The effect that failed last, with the id of its request.
  var sent: (effect: Effect, id: String)?
  /// `true` when the session over ssh was ended.
  var isEnded = false
  /// `true` while the account of a stored session is not known.
  var needsAccount = false

  struct Question: Sendable {
    let text: SafeText
    let actions: [Action]
    /// The number of screens when it was asked. The answer is void when its screen has closed meanwhile.
    let depth: Int
    /// `true` when Ctrl-C asked the question: a second Ctrl-C ends the program.
    var isInterrupt = false
  }

  struct Toast: Sendable {
    let text: SafeText
    let until: ContinuousClock.Instant
    /// `true` for the last error, which the user has asked for.
    var isLastError = false
  }

  /// The interval of the automatic refresh while the program is used.
  static let refreshInterval: Duration = .seconds(15)
  /// The interval while no key is pressed. A line that is paid by the byte may be open for days.
  static let idleInterval: Duration = .seconds(30)

  /// The time of the next refresh. The first key after a pause brings it forward.
  var refreshAt: ContinuousClock.Instant {
    refreshedAt + (usedAt + Self.refreshInterval > refreshedAt ? Self.refreshInterval : Self.idleInterval)
  }

  init(context: Context, server: SafeText, roots: RootScreens, first: any Screen, name: SafeText = "") {
    self.context = context
    self.roots = roots
    self.server = server
    self.name = name
    screens = [first]
    (refreshedAt, usedAt) = (context.now, context.now)
  }

  /// An input of the state machine.
  enum Event: Sendable {
    case key(Key)
    case mouse(Mouse)
    /// The terminal has shown that it draws pictures.
    case canDrawPictures
    /// Ctrl-C.
    case interrupt
    case resized(width: Int, height: Int)
    /// The program may end now: by a signal, or because its terminal was closed.
    case keepDrafts
    case message(Message)
    /// The session over ssh was ended: the program ends.
    case sessionEnded
    /// An effect has ended. Its message, if any, came before.
    case finished(Effect)
    /// Time has passed.
    case tick
  }

  /// Returns the first effects.
  mutating func start() -> [Effect] {
    needsAccount = top.signInReason == nil
    return begin(top.refresh + (needsAccount ? [.loadAccount, .loadDrafts] + readsDestination : []))
  }

  /// `true` after a tick that only repeats a read, of a screen that says so already: drawing it again would cost processor
  /// time and change nothing.
  var looksTheSame = false

  /// Handles one event.
  /// - Returns: The effects to run.
  mutating func update(_ event: Event, at now: ContinuousClock.Instant) -> [Effect] {
    context.now = now
    looksTheSame = false
    let wasOffline = isOffline
    let effects = handle(event)
    // Drafts first: the program ends with `quit`.
    return draftWork(after: event, wasOffline: wasOffline, isQuitting: effects.contains(.quit)) + effects
  }

  private mutating func handle(_ event: Event) -> [Effect] {
    switch event {
    case .keepDrafts: return []
    case .sessionEnded:
      isEnded = true
      return []
    case .resized(let width, let height):
      context.windowWidth = width
      context.width = context.settings.isPlain ? Self.plainWidth(of: width) : width
      context.height = height
      return []
    case .interrupt:
      return interrupt()
    case .key(let key):
      // The key that ends the countdown has no other meaning.
      guard stay() else { return [] }
      if context.settings.isPlain, toast?.isLastError == false { toast = nil }
      return handle(key)
    case .mouse(let mouse):
      guard stay() else { return [] }
      return handle(mouse)
    case .canDrawPictures:
      context.drawsPictures = true
      return []
    case .message(let message):
      let effects = receive(message) + releaseHeld()
      offer()
      return effects
    case .finished(let effect):
      noteEnd(of: effect)
      return releaseHeld()
    case .tick: return tick()
    }
  }

  var top: any Screen { screens[screens.count - 1] }
  /// The keys that work now: those of the palette, or of the top screen with the user's keys.
  var bindings: [Binding] {
    palette == nil
      ? keyMap.apply(to: top.bindings, isEditing: top.isEditing)
      : keyMap.apply(to: Palette.bindings, isEditing: true)
  }

  /// Performs the actions of the screen at `index`. A screen closes no other screen, and no screen opens above a
  /// sign-in that interrupts it.
  /// - Parameter isConfirmed: `true` when the user has just confirmed them.
  mutating func perform(_ actions: [Action], of index: Int, isConfirmed: Bool = false) -> [Effect] {
    var effects: [Effect] = []
    for action in actions {
      switch action {
      case .run(let effect) where !isConfirmed && losesText(effect):
        question = Question(
          text:
            "What \(name) has not saved stays here as a draft of \(name) when another user signs in. Sign in?",
          actions: [action],
          depth: screens.count)
      case .run(.quit) where !isConfirmed && screens.contains(where: \.hasUnsaved):
        // A sign-in above a form can end the program too.
        question = Question(text: Self.leaving, actions: [action], depth: screens.count)
      case .run(let effect):
        if isConfirmed && effect == .quit { drafts.areDropped = true }
        effects += begin([effect])
      case .push(let screen):
        leaveScreen()
        screens.insert(screen, at: screens.count - (top.signInReason == .interruption ? 1 : 0))
        effects += begin(screen.refresh)
      case .resume(let screen, let file):
        effects += perform([.push(screen)], of: index)
        resume(screen, file: file)
      case .pop: effects += close(index)
      case .restart(let screen):
        leaveScreen()
        palette = nil
        screens = [screen]
        effects += begin(screen.refresh)
      case .confirm(let text, let actions):
        question = Question(text: text, actions: actions, depth: screens.count)
      case .command(let command): effects += perform(screens[index].perform(command, context), of: index)
      case .toast(let text): show(text)
      case .help: showsHelp = true
      }
    }
    return effects
  }

  /// `true` for the sign-in of another user while a form has text: the screens of the user before are closed.
  private func losesText(_ effect: Effect) -> Bool {
    guard screens.contains(where: \.hasUnsaved) else { return false }
    return switch effect {
    case .signIn(let name, _, _): name.trimmed.lowercased() != self.name.string.lowercased()
    case .signUp: true
    default: false
    }
  }

  /// Closes the screen at `index`, unless another one is open above it. That one may have unsaved text; when it is
  /// closed, the screen below is refreshed and finds out again that it must close.
  private mutating func close(_ index: Int) -> [Effect] {
    guard index > 0, screens.indices.contains(index),
      screens[(index + 1)...].allSatisfy({ $0.signInReason != nil })
    else { return [] }
    let isSignIn = screens[index].signInReason == .interruption
    screens.remove(at: index)
    leaveScreen()
    var effects: [Effect] = []
    if isSignIn {
      // The user did not sign in: the forms that wait for these effects continue.
      let waiting = afterSignIn
      afterSignIn = []
      for effect in waiting { effects += receive(.failed(effect, .cancelled)) }
    }
    return effects + begin(top.refresh)
  }

  /// Drops what belongs to the screen that was on top.
  mutating func leaveScreen() {
    toast = nil
    held = []
  }

  /// Starts effects, except those that are running already: a second Enter cannot pay twice.
  mutating func begin(_ effects: [Effect]) -> [Effect] {
    var started: [Effect] = []
    for effect in effects where !context.running.contains(effect) {
      if effect.isWrite && context.isWriting {
        started += receive(.failed(effect, .busy))
        continue
      }
      if context.running.isEmpty { context.workingSince = context.now }
      if !effect.isForLoop { context.running.append(effect) }
      started.append(effect)
    }
    return started
  }

  mutating func noteEnd(of effect: Effect) {
    if let index = context.running.firstIndex(of: effect) { context.running.remove(at: index) }
  }

  mutating func show(_ text: SafeText) {
    // A screen reader may not have come to it yet: there it stays until the next key.
    toast = Toast(text: text, until: context.now + .seconds(context.settings.isPlain ? 3600 : 6))
    messages.insert(ShownMessage(text: text, at: context.clock()), at: 0)
    if messages.count > ShownMessage.limit { messages.removeLast() }
  }
}
