learningRate: 0.004 * rateFactor * Math.Min(1, state.Step / 10.#), beta1: 0.9, beta2: 0.95, epsilon: 1E-08, weightDecay: 0.1, state.Step, gradientFactor);
