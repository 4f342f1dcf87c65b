/// An argument of a command names something that does not exist, or cannot be used.
struct NotFoundError: Error, CustomStringConvertible {
  let description: String
}
