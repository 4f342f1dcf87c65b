import KittyShared

/// A group that is made for a file. When the file is not imported, no empty group stays.
struct GroupForFile: Sendable {
  let api: APIClient
  /// Told the reason why an empty group stays.
  let onLeftover: @Sendable (ClientFailure) -> Void

  /// Makes the group. The same id makes a repeated request safe.
  func make(_ new: NewGroup) async throws(ClientFailure) -> Group {
    do throws(ClientFailure) {
      return try await api.create(Endpoints.createGroup, [], new)
    } catch {
      guard error.isTaken else { throw error }
      // The key of an old draft has ended, and the answer to it was lost.
      throw Self.madeBefore
    }
  }

  /// The failure when the group exists.
  static let madeBefore = ClientFailure.madeBefore(
    "Not imported now: the group of this form exists, so the file was probably imported before. Look at the list of groups. Press ^S to import it into another group."
  )

  /// Runs `body`, and removes the group when it fails and certainly nothing was imported.
  func removing<Value>(
    _ group: ID, unless isKept: (ClientFailure) -> Bool = { !$0.isUndone },
    _ body: () async throws(ClientFailure) -> Value
  ) async throws(ClientFailure) -> Value {
    do throws(ClientFailure) {
      return try await body()
    } catch {
      if !isKept(error) { await remove(group) }
      throw error
    }
  }

  /// Removes the group, also when the task was cancelled.
  func remove(_ group: ID) async {
    let outcome = await Task { [api] () -> ClientFailure? in
      do throws(ClientFailure) {
        try await api.call(Endpoints.deleteGroup, [group])
        return nil
      } catch {
        return error
      }
    }.value
    if let outcome { onLeftover(outcome) }
  }
}
