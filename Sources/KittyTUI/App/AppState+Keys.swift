import KittyShared

/// Keys, commands and questions.
extension AppState {
  /// Handles Ctrl-C: cancels running effects, else ends the program. Unsaved input is not lost without a question.
  mutating func interrupt() -> [Effect] {
    if question?.isInterrupt == true { return [.quit] }
    if question != nil || showsHelp || palette != nil {
      question = nil
      showsHelp = false
      palette = nil
      return []
    }
    held = []
    if !context.running.isEmpty { return [.cancel] }
    guard screens.contains(where: \.hasUnsaved) else { return [.quit] }
    ask(Self.leaving, [top.hasUnsaved ? .pop : .run(.quit)], isInterrupt: true)
    return []
  }

  static let leaving: SafeText = "Leave without saving your changes?"

  private mutating func ask(_ text: SafeText, _ actions: [Action], isInterrupt: Bool = false) {
    question = Question(text: text, actions: actions, depth: screens.count, isInterrupt: isInterrupt)
  }

  mutating func handle(_ key: Key) -> [Effect] {
    if question != nil || showsHelp {
      // A paste is text: it answers no question.
      if case .paste = key { return [] }
    }
    if let question {
      self.question = nil
      guard key == .character("y") || key == .character("Y"), question.depth == screens.count else {
        return []
      }
      return perform(question.actions, of: screens.count - 1, isConfirmed: true)
    }
    if showsHelp {
      if searchHelp(key) { return [] }
      if let moving = keyMap.apply(to: Binding.moving, isEditing: false).first(where: {
        $0.keys.contains(key)
      }) {
        scrollHelp(moving.command)
      } else {
        showsHelp = false
      }
      return []
    }
    if key == .f1 { return command(.help) }
    if key == .f12 {
      toggleMouse()
      return []
    }
    if palette != nil { return pressInPalette(key) }
    if hold(key) { return [] }
    let binding = allBindings.first { $0.keys.contains(key) }
    if top.isLocked {
      if let binding, [.back, .quit, .help].contains(binding.command) { return command(binding.command) }
      show("Wait for the answer of the server before you type. Ctrl-C stops the request.")
      return []
    }
    if top.isEditing, screens[screens.count - 1].edit(key, context) { return begin(top.reads) }
    if let binding { return command(binding.command) }
    // A form line with a choice accepts no text.
    return key == .character("?") ? command(.help) : []
  }

  /// The keys of the screen, and those of every screen.
  private var allBindings: [Binding] {
    bindings + keyMap.apply(to: Binding.everywhere, isEditing: top.isEditing)
  }

  /// `true` while the data of the top screen is read for the first time.
  var isFirstRead: Bool {
    top.needsData && top.refresh.contains { context.running.contains($0) }
  }

  /// Keeps a key until the data of the screen is there: else half of a quickly typed text would be commands.
  private mutating func hold(_ key: Key) -> Bool {
    guard isFirstRead else { return false }
    if held.isEmpty {
      let command = allBindings.first { $0.keys.contains(key) }?.command
      if let command, [.back, .quit, .help, .refresh, .palette, .lastError].contains(command) {
        return false
      }
      // In the data of the cache one can look around.
      let isMoving = Binding.moving.contains { $0.command == command }
      if top.cachedAt != nil, isMoving { return false }
    }
    if key == .escape { held = [] } else if held.count < 1000 { held.append(key) }
    return true
  }

  /// Presses the held keys once the data is there. When it could not be read they are dropped: pressed later, they
  /// would be a surprise.
  mutating func releaseHeld() -> [Effect] {
    guard !held.isEmpty, !isFirstRead else { return [] }
    let keys = held
    held = []
    guard !top.needsData else {
      show("It could not be read. What you typed meanwhile was dropped.")
      return []
    }
    return keys.flatMap { handle($0) }
  }

  /// Handles the keys of the search in the help. Escape ends the search first, then closes the help.
  private mutating func searchHelp(_ key: Key) -> Bool {
    guard var field = helpFilter else {
      let search = keyMap.apply(to: [Binding.searching], isEditing: false)
      guard search.contains(where: { $0.keys.contains(key) }) else { return false }
      helpFilter = TextField(limit: 64)
      return true
    }
    switch key {
    case .escape: helpFilter = nil
    case .enter: return false
    case .up, .down, .pageUp, .pageDown: return false
    default:
      guard field.edit(key) else { return false }
      helpFilter = field
    }
    helpTop = 0
    return true
  }

  mutating func scrollHelp(_ command: Command) {
    let page = max(1, helpHeight - 1)
    let steps: [Command: Int] = [.down: 1, .up: -1, .pageDown: page, .pageUp: -page]
    let last = max(0, helpLines.count - helpHeight)
    switch command {
    case .top: helpTop = 0
    case .bottom: helpTop = last
    default: helpTop = max(0, min(last, helpTop + (steps[command] ?? 0)))
    }
  }

  mutating func command(_ command: Command) -> [Effect] {
    let index = screens.count - 1
    switch command {
    case .help:
      showsHelp = true
      return []
    case .palette: return openPalette()
    case .lastError:
      return showLastError()
    case .refresh:
      if case .offline(var outage) = connection {
        outage.isAsked = true
        connection = .offline(outage)
      }
      return begin(top.refresh)
    case .back, .quit:
      let actions = screens[index].perform(command, context)
      if !actions.isEmpty { return perform(actions, of: index) }
      if top.hasUnsaved {
        ask(top.isLocked ? "It is still being saved. Leave the form?" : Self.leaving, [.pop])
        return []
      }
      if index > 0 { return perform([.pop], of: index) }
      return command == .quit ? [.quit] : []
    default:
      if let refusal = top.bindings.first(where: { $0.command == command })?.refusal {
        show(refusal)
        return []
      }
      return perform(screens[index].perform(command, context), of: index)
    }
  }
}
