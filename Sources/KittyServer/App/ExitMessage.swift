/// Ends the program with a message and exit code 1.
struct ExitMessage: Error, CustomStringConvertible {
  let message: String
  var description: String { message }
}
