import KittyShared

/// A choice among the sessions of a user.
enum SessionChoice: Sendable {
  case one(ID)
  case others(than: ID)
}
