import KittyShared
import Testing

@testable import KittyServer

/// Checks the status of a response and, when it is an error, the code and words of its problem.
func expectProblem(
  _ answer: Answer, _ status: Int, _ code: String, _ words: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
  guard answer.status >= 400 else { return }
  let problem = try answer.problem()
  let codes = [problem.code] + (problem.errors ?? []).map(\.code)
  #expect(codes.contains(code), "\(answer.text)", sourceLocation: sourceLocation)
  #expect(words.isEmpty || problem.detail.contains(words), "\(answer.text)", sourceLocation: sourceLocation)
}

/// Checks the status of a problem, and the code and field of its first error; without a field, the code of the problem
/// itself.
func expectFirstError(
  _ answer: Answer, _ status: Int, _ code: String, field: String? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
  let problem = try answer.problem()
  #expect(
    (problem.errors?.first?.code ?? problem.code) == code, "\(answer.text)", sourceLocation: sourceLocation)
  #expect(problem.errors?.first?.field == field, "\(answer.text)", sourceLocation: sourceLocation)
}
