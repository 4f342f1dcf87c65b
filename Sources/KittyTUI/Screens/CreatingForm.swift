import KittyShared

/// A form that creates a resource with an id of the client, so that it can be submitted again.
protocol CreatingForm: EffectForm {
  var id: ID { get set }
}

extension CreatingForm {
  /// Shows the failure of the submitted effect. If an earlier attempt created a resource with other content, the next
  /// attempt creates another one, under a new id.
  mutating func receiveFailure(_ message: Message, _ context: Context) {
    if case .madeBefore = failure(in: message) { id = context.newID() }
  }
}
