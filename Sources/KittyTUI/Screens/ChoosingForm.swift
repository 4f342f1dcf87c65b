import KittyShared

/// A form with lines on which one of several values is chosen: by typing, in a list, or with the arrows.
protocol ChoosingForm: Screen {
  var form: FormFields { get set }
  /// The open list of the focused line.
  var picker: Picker? { get set }
  /// The choices of the focused line; empty on a line of another kind.
  var options: [Picker.Option] { get }
  /// The value of the focused line.
  var chosen: Int { get }
  /// Sets the value of the focused line.
  mutating func choose(_ value: Int)
}

extension ChoosingForm {
  var isChoosing: Bool { picker != nil || form.picker != nil }

  /// Handles a key on a line with a choice.
  /// - Returns: `nil` on a line of another kind.
  mutating func pick(_ key: Key) -> Bool? {
    if var open = picker {
      let answer = open.press(key)
      picker = answer == .closed ? nil : open
      return answer != .unused
    }
    let options = options
    guard !options.isEmpty else { return nil }
    if key == .left {
      turn(-1)
      return true
    }
    guard Picker.opens(key) else { return false }
    picker = Picker(options, at: chosen)
    _ = picker?.press(key)
    return true
  }

  /// Takes the marked value of an open list, before the focus moves or the form is sent.
  /// - Returns: `false` when nothing has the typed letters: then the list stays open.
  mutating func settle() -> Bool {
    guard let open = picker else { return form.settle() }
    guard let value = open.value else { return false }
    picker = nil
    choose(value)
    return true
  }

  /// Chooses the next or previous value, in the order of the form.
  mutating func turn(_ step: Int) {
    let values = options.map(\.value).sorted()
    guard let last = values.last, let first = values.first else { return }
    let present = chosen
    choose(
      step > 0
        ? values.first { $0 > present } ?? first : values.last { $0 < present } ?? last)
  }
}

extension Binding {
  /// The keys of a line with a choice, besides Enter.
  static func choosing(_ what: SafeText, footer: SafeText) -> [Binding] {
    [
      Binding([], "letters", "\(what): choose by typing; Space shows all", .toggle, footer: footer),
      Binding([.left, .right], "← →", "\(what): previous, next", .nextPanel),
    ]
  }
}
