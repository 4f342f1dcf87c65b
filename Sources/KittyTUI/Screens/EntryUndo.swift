import KittyShared

/// The last change or deletion of an entry that was made here, to take it back.
struct EntryUndo: Sendable {
  private enum Step: Sendable {
    case deletion(ID)
    /// A change of the first version, which made the second one.
    case change(from: Entry, to: Entry)
    /// A change of an entry whose version before it is not known: the list had an older one, or none.
    case unknown(number: Int64)
  }

  private var step: Step?
  /// The effect that takes a change back, while its result is not known.
  private var pending: Effect?

  var isEmpty: Bool { step == nil }

  mutating func clear() { step = nil }
  mutating func note(deleted entry: ID) { step = .deletion(entry) }

  /// Notes that an entry was saved.
  mutating func note(_ entry: Entry, after previous: Entry?) {
    guard entry.version > 1 else { return }
    // Of an older version, undoing would take back the change of another user too.
    guard let previous, previous.version + 1 == entry.version else {
      step = .unknown(number: entry.number)
      return
    }
    step = .change(from: previous, to: entry)
  }

  /// Takes the last step back. A change is taken back by another change, so that the history has both, and only while
  /// the entry was not changed again.
  mutating func actions(in data: GroupData, today: Day) -> [Action] {
    switch step {
    case nil: return [.toast("No entry was changed or deleted here recently.")]
    case .deletion(let entry): return [.run(.restoreEntry(group: data.group.id, entry: entry))]
    case .unknown(let number):
      return [.toast("#\(number) cannot be changed back here. Its history shows all versions.")]
    case .change(let previous, let made):
      // An entry with a new date may be among those that are not loaded.
      let present = data.entries.first { $0.id == previous.id } ?? made
      guard present.version == made.version else {
        return [.toast("#\(previous.number) was changed again meanwhile. Its history shows all versions.")]
      }
      do {
        let effect = try Self.change(of: present, to: previous, in: data, today: today)
        pending = effect
        return [.run(effect)]
      } catch {
        return [.toast(SafeText(ClientFailure.rejected(error).message("Not undone.")))]
      }
    }
  }

  /// Handles the result of a change that was taken back.
  /// - Returns: `nil` for another message.
  mutating func receive(_ message: Message) -> Action? {
    switch message {
    case .entered where pending != nil:
      pending = nil
      return .toast("The change is undone. \(key: .undo, "u") brings it back.")
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      return .toast(SafeText(failure.message("Not undone.")))
    default: return nil
    }
  }

  /// Returns the change that gives an entry the content of an earlier version.
  private static func change(
    of present: Entry, to previous: Entry, in data: GroupData, today: Day
  ) throws(Rejection) -> Effect {
    if present.kind == .expense {
      return try ExpenseForm(data, id: present.id, today: today, changing: present)
        .taking(ExpenseForm(data, id: present.id, today: today, changing: previous)).effect()
    }
    return try PaymentForm(data, id: present.id, today: today, changing: present)
      .taking(PaymentForm(data, id: present.id, today: today, changing: previous)).effect()
  }
}
