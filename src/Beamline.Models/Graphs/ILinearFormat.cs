using Beamline.Models.Weights;

namespace Beamline.Models.Graphs;

/// <summary>Adds the product of hidden states and a matrix to a graph, in one way of keeping the matrix.</summary>
internal interface ILinearFormat
{
    /// <summary>Adds nodes and weights.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">Name of the hidden states [..., K].</param>
    /// <param name="weights">Matrix and bias.</param>
    /// <param name="addBias">Whether to add the bias here; a following operator may do it as well.</param>
    /// <param name="output">The result's name; null to make one up.</param>
    /// <returns>Name of the result [..., N].</returns>
    string Add(GraphBuilder graph, string input, LinearWeights weights, bool addBias, string? output = null);
}
