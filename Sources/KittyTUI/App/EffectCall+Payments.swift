import KittyShared

/// The call of several payments at once.
extension EffectCall {
  static func pay(_ group: ID, _ payments: [NewPayment]) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      var refused = 0
      for payment in payments {
        do throws(ClientFailure) {
          try await runner.pay(group, payment)
        } catch {
          // Another user has entered it meanwhile: the others are still owed.
          guard error.isNotOwed else { throw error }
          refused += 1
        }
      }
      return .paid(group: group, refused: refused)
    }
  }
}

extension EffectRunner {
  /// Enters a payment, and posts it at once: a failure of the next one does not hide it.
  fileprivate func pay(_ group: ID, _ payment: NewPayment) async throws(ClientFailure) {
    guard let id = payment.id else { throw .unreadable("The payment has no id.") }
    do throws(ClientFailure) {
      if case .entry(let entry) = try await api.create(Endpoints.createPayment, [group], payment) {
        post(.message(.stored(group: group, entry)))
      }
    } catch {
      // An earlier attempt, perhaps of the day before, succeeded.
      guard error.isTaken else { throw error }
      let entry: Entry = try await api.call(Endpoints.entry, [group, id])
      guard entry.deletedAt == nil else {
        throw .madeBefore("The payment was entered and has been deleted since. Enter it with Enter.")
      }
      post(.message(.stored(group: group, entry)))
    }
  }
}

extension ClientFailure {
  /// `true` when a payment was refused because it is not owed any more.
  fileprivate var isNotOwed: Bool {
    if case .problem(let problem) = self { problem.code == "not_owed" } else { false }
  }
}
