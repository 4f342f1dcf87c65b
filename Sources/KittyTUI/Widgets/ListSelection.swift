/// The selected line of a list, and its visible lines. The selection follows its item, so that new data does not
/// move it.
struct ListSelection<Item: Hashable & Sendable>: Hashable, Sendable {
  private(set) var selected: Item?
  private(set) var top = 0

  /// The last index of the selected item, for the time when the item no longer exists.
  private var lastIndex = 0

  init() {}

  func index(in items: [Item]) -> Int? {
    guard !items.isEmpty else { return nil }
    return selected.flatMap { items.firstIndex(of: $0) } ?? min(lastIndex, items.count - 1)
  }

  /// Adjusts the selection to the present items.
  mutating func update(_ items: [Item]) {
    guard let index = index(in: items) else {
      selected = nil
      return
    }
    lastIndex = index
    selected = items[index]
  }

  /// Selects an item.
  mutating func select(_ item: Item, in items: [Item]) {
    guard let index = items.firstIndex(of: item) else { return }
    lastIndex = index
    selected = item
  }

  /// Moves the selection by a command.
  /// - Parameter page: The number of visible lines.
  /// - Returns: `true` for a command of moving.
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

  /// Returns the visible lines for a height. The selection is one of them.
  func visible(in items: [Item], height: Int) -> Range<Int> {
    guard height > 0, let index = index(in: items) else { return 0..<0 }
    // The selection stays in the middle, except at both ends of the list.
    let start = max(0, min(index - height / 2, items.count - height))
    return start..<min(items.count, start + height)
  }
}
