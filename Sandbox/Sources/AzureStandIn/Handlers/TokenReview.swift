import ClusterModel
import Foundation

/// The webhook with which an API server of AKS asks whose token of Entra it was given.
extension StandIn: TokenReviewer {
    /// The audience of tokens for every API server of AKS.
    static let serverApplication = "6dae42f8-4368-4678-94ff-3960e28e3630"

    /// Everybody who can sign in is in the cluster's group of administrators.
    public func user(ofToken text: String) -> ReviewedUser? {
        guard description.access != .local, let token = tokens[text], !token.isRevoked,
            token.audience == Self.serverApplication, token.expires > configuration.now()
        else { return nil }
        // Users are known by their name, service principals by their object id.
        let name = token.principal.kind == .user ? token.principal.name : token.principal.objectID
        return ReviewedUser(
            name: name, uid: token.principal.objectID, groups: [WorldDescription.adminGroup, "kms-operators"])
    }

    /// A TokenReview, answered (kubernetes.io "Webhook Token Authentication").
    func reviewToken(_ request: Request) throws -> Answer {
        let body = try request.json()
        var review: JSON = ["apiVersion": body["apiVersion"] ?? "authentication.k8s.io/v1", "kind": "TokenReview"]
        let token = body[path: ["spec", "token"]]?.string ?? ""
        if let user = user(ofToken: token) {
            review["status"] = [
                "authenticated": true,
                "user": [
                    "username": .string(user.name), "uid": .string(user.uid),
                    "groups": .array(user.groups.map { .string($0) }),
                ],
            ]
        } else {
            review["status"] = ["authenticated": false, "error": "the token is not valid here"]
        }
        return Answer(200, review).with("content-type", "application/json")
    }
}
