import KittyShared

/// The palette, and the ways to a place in the books.
extension AppState {
  /// Opens the palette above the top screen, which stays as it is.
  mutating func openPalette() -> [Effect] {
    guard top.signInReason == nil else {
      show("Sign in first.")
      return []
    }
    palette = Palette(memory)
    offer()
    return begin([.loadPlaces])
  }

  /// Offers the present places and commands.
  mutating func offer() {
    guard var palette else { return }
    let books = screens.last { $0.books != nil }?.books
    palette.show(PaletteOffer(bindings: top.bindings, books: books, groups: groups))
    self.palette = palette
  }

  /// Handles a key while the palette is open.
  mutating func pressInPalette(_ key: Key) -> [Effect] {
    let page = max(1, Palette.height(in: context.rows) - 1)
    let bindings = bindings
    switch palette?.press(key, bindings, page: page) {
    case .closes: palette = nil
    case .goes(let item):
      memory.note(palette?.field.text.trimmed ?? "", item.target)
      palette = nil
      return go(to: item.target)
    case .stays, nil: break
    }
    return []
  }

  private mutating func go(to target: PaletteItem.Target) -> [Effect] {
    switch target {
    case .command(let command):
      return self.command(command)
    case .home:
      closeWithoutLoss(above: 0)
      return begin(top.refresh)
    case .group(let id): return go(to: id, nil)
    case .place(let id, let place): return go(to: id, place)
    }
  }

  private mutating func go(to id: ID, _ place: GroupPlace?) -> [Effect] {
    let open = screens.compactMap(\.books?.group).last { $0.id == id }
    guard let group = groups.first(where: { $0.id == id }) ?? open else {
      show("You are no longer in this group.")
      return []
    }
    return go(to: group, place)
  }

  /// Opens a group, and a place in it. The screens above the group are closed if nothing is lost with them; a form with
  /// unsaved text stays below.
  mutating func go(to group: Group, _ place: GroupPlace?) -> [Effect] {
    closeWithoutLoss(above: screens.lastIndex { $0.openGroup == group.id } ?? 0)
    var effects: [Effect] = []
    if top.openGroup == group.id {
      effects += begin(top.refresh)
    } else {
      effects += perform([.push(roots.group(group))], of: screens.count - 1)
    }
    guard let place else { return effects }
    let index = screens.count - 1
    return effects + perform(screens[index].go(to: place, context), of: index)
  }

  /// Closes the screens above one, except those that have unsaved text and those below them.
  private mutating func closeWithoutLoss(above index: Int) {
    let kept = screens.lastIndex { $0.hasUnsaved || $0.isLocked } ?? 0
    guard screens.count > max(index, kept) + 1 else { return }
    screens.removeSubrange((max(index, kept) + 1)...)
    leaveScreen()
  }

  // MARK: The place of the command line

  /// Reads the groups that the destination of the command line is one of.
  var readsDestination: [Effect] { destination == nil ? [] : [.loadPlaces] }

  /// Takes over the groups, and opens the destination of the command line in them.
  mutating func receive(_ groups: [Group]) -> [Effect] {
    self.groups = groups
    guard let text = destination, top.signInReason == nil else { return [] }
    destination = nil
    // The user has opened another screen meanwhile.
    guard screens.count == 1 else { return [] }
    switch Destination(text, in: groups) {
    case .found(let group, let place): return go(to: group, place.map { .named($0) })
    case .unclear(let why):
      show(why)
      return []
    }
  }
}
