/// Which line of a list is selected, and which are in view. The selection holds on to its item by
/// identity, so that fresh data does not move it.
struct ListSelection<Item: Hashable & Sendable>: Hashable, Sendable {
  private(set) var selected: Item?
  private(set) var top = 0

  /// The place of the selection in `items`; the nearest line when its item is gone.
  private var lastIndex = 0

  init() {}

  func index(in items: [Item]) -> Int? {
    guard !items.isEmpty else { return nil }
    return selected.flatMap { items.firstIndex(of: $0) } ?? min(lastIndex, items.count - 1)
  }

  /// Takes note of what the list has now.
  mutating func update(_ items: [Item]) {
    guard let index = index(in: items) else {
      selected = nil
      return
    }
    lastIndex = index
    selected = items[index]
  }

  /// Goes to an item.
  mutating func select(_ item: Item, in items: [Item]) {
    guard let index = items.firstIndex(of: item) else { return }
    lastIndex = index
    selected = item
  }

  /// Moves by a command.
  /// - Parameter page: How many lines are in view.
  /// - Returns: Whether it was a command of moving.
  mutating func move(_ command: Command, in items: [Item], page: Int) -> Bool {
    guard let index = index(in: items) else {
      return [.up, .down, .top, .bottom, .pageUp, .pageDown].contains(command)
    }
    let target: Int
    switch command {
    case .up: target = index - 1
    case .down: target = index + 1
    case .top: target = 0
    case .bottom: target = items.count - 1
    case .pageUp: target = index - max(1, page)
    case .pageDown: target = index + max(1, page)
    default: return false
    }
    lastIndex = max(0, min(items.count - 1, target))
    selected = items[lastIndex]
    return true
  }

  /// The lines in view when `height` fit, with the selection among them.
  func visible(in items: [Item], height: Int) -> Range<Int> {
    guard height > 0, let index = index(in: items) else { return 0..<0 }
    // The selection stays in the middle, but for both ends of the list.
    let start = max(0, min(index - height / 2, items.count - height))
    return start..<min(items.count, start + height)
  }
}
