namespace Embeddings.Runtime.Tests.Models;

/// <summary>One model under every gradient route; all but the routes, and so the start and the loss, is that of the first.</summary>
[VariantOf<WithRotary>]
[Transformer(Layers = 3, Context = 8, KeyValueHeads = 1, EmbeddingNorm = true)]
public sealed partial class RouteFull;

[VariantOf<RouteFull>]
[GradientRoutes(Table = TableGradient.OwnPosition)]
public sealed partial class RouteOwnPosition;

[VariantOf<RouteFull>]
[GradientRoutes(Table = TableGradient.CrossPosition)]
public sealed partial class RouteCrossPosition;

[VariantOf<RouteFull>]
[GradientRoutes(Table = TableGradient.CrossPositionPermuted)]
public sealed partial class RoutePermuted;

[VariantOf<RouteFull>]
[GradientRoutes(Table = TableGradient.Nearby, Distance = 2)]
public sealed partial class RouteNearby;

[VariantOf<RouteFull>]
[GradientRoutes(Table = TableGradient.Nearby, Distance = 7)]
public sealed partial class RouteNearbyWhole;

[VariantOf<RouteFull>]
[GradientRoutes(Table = TableGradient.None)]
public sealed partial class RouteNone;

[VariantOf<RouteFull>]
[GradientRoutes(TableStopsAfter = 2)]
public sealed partial class RouteStops;

[VariantOf<RouteOwnPosition>]
[GradientRoutes(TableStopsAfter = 2)]
public sealed partial class RouteOwnPositionStops;

[VariantOf<RouteFull>]
[GradientRoutes(ForwardMixing = false)]
public sealed partial class RouteNoForwardMixing;

[VariantOf<RouteFull>]
[GradientRoutes(BackwardMixing = false)]
public sealed partial class RouteNoBackwardMixing;

[VariantOf<RouteFull>]
[GradientRoutes(StopKeys = true, StopValues = true)]
public sealed partial class RouteStopKeysAndValues;

[VariantOf<RouteFull>]
[GradientRoutes(StopQueries = true)]
public sealed partial class RouteStopQueries;

[VariantOf<RouteFull>]
[GradientRoutes(StopQueries = true, StopKeys = true, StopValues = true)]
public sealed partial class RouteStopAll;

/// <summary>Composed rows, learned positions and LayerNorm, to route the gradient of byte vectors.</summary>
[VariantOf<WithComposedRows>]
[Transformer(Context = 8)]
public sealed partial class ComposedFull;

[VariantOf<ComposedFull>]
[GradientRoutes(Table = TableGradient.OwnPosition)]
public sealed partial class ComposedOwnPosition;

[VariantOf<ComposedFull>]
[GradientRoutes(Table = TableGradient.CrossPosition)]
public sealed partial class ComposedCrossPosition;
