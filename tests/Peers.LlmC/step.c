// Times the training step of llm.c's CPU program, train_gpt2.c, on random tokens: forward, zero gradients, backward, update, by its own
// functions. Built by time-step.sh, which puts llm.c's folder on the include path.
//
//   step VARIANT LAYERS HEADS WIDTH CONTEXT VOCABULARY BATCH SECONDS
//
// prints one line of JSON: the median step, its rate and the largest memory of the process.

#define TESTING
#include "train_gpt2.c"
#include <sys/resource.h>

enum { MOST_STEPS = 4096 };

static uint64_t random_state = 1;

static uint32_t next_random(void) {
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(random_state >> 33);
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

static int compare(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

// A model of the given shape with small random parameters, as gpt2_build_from_checkpoint leaves one.
static void build(GPT2 *model, int layers, int heads, int width, int context, int vocabulary) {
    memset(model, 0, sizeof(*model));
    model->config.max_seq_len = context;
    model->config.vocab_size = vocabulary;
    model->config.padded_vocab_size = (vocabulary + 127) / 128 * 128;
    model->config.num_layers = layers;
    model->config.num_heads = heads;
    model->config.channels = width;
    fill_in_parameter_sizes(model->param_sizes, model->config);
    for (int i = 0; i < NUM_PARAMETER_TENSORS; i++) {
        model->num_parameters += model->param_sizes[i];
    }

    model->params_memory = malloc_and_point_parameters(&model->params, model->param_sizes);
    for (size_t i = 0; i < model->num_parameters; i++) {
        model->params_memory[i] = 0.04f * (next_random() / 2147483648.0f - 0.5f);
    }

    model->mean_loss = -1.0f;
}

int main(int argc, char **argv) {
    if (argc != 9) {
        fprintf(stderr, "Give VARIANT LAYERS HEADS WIDTH CONTEXT VOCABULARY BATCH SECONDS.\n");
        return 1;
    }

    int layers = atoi(argv[2]), heads = atoi(argv[3]), width = atoi(argv[4]);
    int context = atoi(argv[5]), vocabulary = atoi(argv[6]), batch = atoi(argv[7]);
    double limit = atof(argv[8]);
    GPT2 model;
    build(&model, layers, heads, width, context, vocabulary);
    int tokens = batch * context;
    int *inputs = mallocCheck(tokens * sizeof(int));
    int *targets = mallocCheck(tokens * sizeof(int));
    for (int i = 0; i < tokens; i++) {
        inputs[i] = next_random() % vocabulary;
        targets[i] = next_random() % vocabulary;
    }

    static double milliseconds[MOST_STEPS];
    int steps = 0;
    double begun = 0;
    for (int step = 1; steps == 0 || (seconds_now() - begun < limit && steps < MOST_STEPS); step++) {
        double started = seconds_now();
        gpt2_forward(&model, inputs, targets, batch, context);
        gpt2_zero_grad(&model);
        gpt2_backward(&model);
        gpt2_update(&model, 1e-4f, 0.9f, 0.999f, 1e-8f, 0.1f, step);
        if (step == 1) {
            begun = seconds_now(); // the first step allocates, and is not counted
        } else {
            milliseconds[steps++] = 1e3 * (seconds_now() - started);
        }
    }

    qsort(milliseconds, steps, sizeof(double), compare);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double median = milliseconds[steps / 2];
    printf("{\"variant\":\"%s\",\"peer\":\"llm.c\",\"steps\":%d,\"tokensPerSecond\":%.1f,\"millisecondsPerStep\":%.2f,\"best\":%.2f,\"peakMemoryMiB\":%.0f}\n",
           argv[1], steps, 1e3 * tokens / median, median, milliseconds[0], usage.ru_maxrss / 1024.0);
    return 0;
}
