import KittyShared

/// The mouse: a click selects, a second one opens, the wheel moves. It only does what keys do, so every screen has it.
extension AppState {
  /// A press of the button, which a second one at the same place and soon makes a double click.
  struct Click: Sendable {
    let row: Int
    let column: Int
    let at: ContinuousClock.Instant
    /// `true` for a click on a line of a list, which a double click opens.
    let isOnLine: Bool
  }

  /// The longest time between the presses of a double click.
  static let doubleClick: Duration = .milliseconds(500)
  /// The lines by which the wheel moves.
  private static let wheelStep = 3

  mutating func handle(_ mouse: Mouse) -> [Effect] {
    guard context.settings.usesMouse, palette == nil, question != nil || (!isFirstRead && !top.isLocked)
    else { return [] }
    return switch mouse.act {
    case .wheelUp: turn(.up)
    case .wheelDown: turn(.down)
    case .press: click(mouse)
    }
  }

  /// Switches the mouse on or off: where it is off, the terminal selects text with it.
  mutating func toggleMouse() {
    context.settings.usesMouse.toggle()
    show(
      context.settings.usesMouse
        ? "The mouse is on: click to select, twice to open. F12 switches it off."
        : "The mouse is off: it selects text of the terminal. F12 switches it on.")
  }

  private mutating func turn(_ command: Command) -> [Effect] {
    guard question == nil else { return [] }
    if showsHelp {
      for _ in 0..<Self.wheelStep { scrollHelp(command) }
      return []
    }
    // A form has the same command, for its lines.
    let moves = top.bindings.contains { $0.command == command && $0.keys.contains { Self.isLetter($0) } }
    guard moves, !top.isEditing else { return [] }
    return repeated(command, Self.wheelStep)
  }

  private static func isLetter(_ key: Key) -> Bool { if case .character = key { true } else { false } }

  private mutating func click(_ mouse: Mouse) -> [Effect] {
    let before = lastClick
    lastClick = nil
    if let before, before.isOnLine, before.row == mouse.row, before.column == mouse.column,
      context.now - before.at <= Self.doubleClick, question == nil, !showsHelp
    {
      // The first click selected the line; the list may have scrolled under the pointer since.
      return top.bindings.contains { $0.command == .open } ? repeated(.open, 1) : []
    }
    guard let target = target(at: mouse) else { return [] }
    switch target.effect {
    case .key(let key): return handle(key)
    case .line(let offset):
      note(mouse)
      return move(by: offset)
    case .otherList:
      guard top.bindings.contains(where: { $0.command == .nextPanel }) else { return [] }
      note(mouse)
      let effects = repeated(.nextPanel, 1)
      guard case .line(let offset) = self.target(at: mouse)?.effect else { return effects }
      return effects + move(by: offset)
    case .field: return goToLine(at: mouse)
    }
  }

  private func target(at mouse: Mouse) -> ClickTarget? {
    view().targets.last { $0.contains(row: mouse.row, column: mouse.column) }
  }

  private mutating func note(_ mouse: Mouse) {
    lastClick = Click(row: mouse.row, column: mouse.column, at: context.now, isOnLine: true)
  }

  private mutating func move(by offset: Int) -> [Effect] {
    repeated(offset < 0 ? .up : .down, abs(offset))
  }

  private mutating func repeated(_ command: Command, _ count: Int) -> [Effect] {
    (0..<count).flatMap { _ in self.command(command) }
  }

  /// Moves the focus of a form line by line, as keys do, so that the form checks what it leaves.
  private mutating func goToLine(at mouse: Mouse) -> [Effect] {
    func place(_ lines: [ClickTarget]) -> Int? { lines.firstIndex { $0.effect == .field(isHere: true) } }
    func lines() -> [ClickTarget] {
      view().targets.filter { if case .field = $0.effect { true } else { false } }
        .sorted { $0.rows.lowerBound < $1.rows.lowerBound }
    }
    let before = lines()
    guard let goal = before.firstIndex(where: { $0.contains(row: mouse.row, column: mouse.column) }) else {
      return []
    }
    var effects: [Effect] = []
    for _ in before {
      let now = lines()
      guard now.count == before.count, let here = place(now), here != goal else { break }
      effects += command(here < goal ? .down : .up)
    }
    return effects
  }
}
