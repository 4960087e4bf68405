/*
 * A Vulkan driver around Mesa's RADV, for compiling without a GPU.
 *
 * With RADV_FORCE_FAMILY set, RADV offers a GPU of that name that compiles shaders but crashes as soon as it is
 * given work. This driver hands every call on to RADV, except that
 *   - work is swallowed: recording, submitting and waiting do nothing and succeed;
 *   - every device has VK_KHR_pipeline_executable_properties switched on;
 *   - what that extension tells of a new compute pipeline is written to the file <number>.txt in the folder
 *     ISA_FOLDER, numbers counting from 0: a line "name<tab>value" for each figure, then a line "listing", then the
 *     machine code.
 * ISA_DRIVER is the path of libvulkan_radeon.so.
 */

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static PFN_vkGetInstanceProcAddr next_of_instance;
static PFN_vkGetDeviceProcAddr next_of_device;
static PFN_vkCreateDevice next_create_device;

static void *radv(const char *symbol) {
    static void *library;
    if (!library) library = dlopen(getenv("ISA_DRIVER"), RTLD_NOW);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        abort();
    }
    return dlsym(library, symbol);
}

/* ---- what the compiler says ---- */

static void write_figures(FILE *file, VkDevice device, const VkPipelineExecutableInfoKHR *executable) {
    PFN_vkGetPipelineExecutableStatisticsKHR get =
        (PFN_vkGetPipelineExecutableStatisticsKHR)next_of_device(device, "vkGetPipelineExecutableStatisticsKHR");
    VkPipelineExecutableStatisticKHR figures[64];
    uint32_t count = 64;
    for (uint32_t i = 0; i < count; i++)
        figures[i] = (VkPipelineExecutableStatisticKHR){.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR};
    get(device, executable, &count, figures);
    for (uint32_t i = 0; i < count; i++)
        if (figures[i].format == VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_UINT64_KHR)
            fprintf(file, "%s\t%llu\n", figures[i].name, (unsigned long long)figures[i].value.u64);
}

static void write_listing(FILE *file, VkDevice device, const VkPipelineExecutableInfoKHR *executable) {
    PFN_vkGetPipelineExecutableInternalRepresentationsKHR get =
        (PFN_vkGetPipelineExecutableInternalRepresentationsKHR)next_of_device(
            device, "vkGetPipelineExecutableInternalRepresentationsKHR");
    VkPipelineExecutableInternalRepresentationKHR texts[16];
    uint32_t count = 16;
    for (uint32_t i = 0; i < count; i++)
        texts[i] = (VkPipelineExecutableInternalRepresentationKHR){
            .sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INTERNAL_REPRESENTATION_KHR};
    get(device, executable, &count, texts); /* their sizes */
    for (uint32_t i = 0; i < count; i++) texts[i].pData = calloc(1, texts[i].dataSize + 1);
    get(device, executable, &count, texts); /* the texts */
    for (uint32_t i = 0; i < count; i++) {
        if (!strcmp(texts[i].name, "Assembly")) fprintf(file, "listing\n%s\n", (const char *)texts[i].pData);
        free(texts[i].pData);
    }
}

static void describe(VkDevice device, VkPipeline pipeline) {
    static int number;
    char path[4096];
    snprintf(path, sizeof path, "%s/%d.txt", getenv("ISA_FOLDER"), number++);
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        abort();
    }
    PFN_vkGetPipelineExecutablePropertiesKHR get =
        (PFN_vkGetPipelineExecutablePropertiesKHR)next_of_device(device, "vkGetPipelineExecutablePropertiesKHR");
    VkPipelineInfoKHR info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_INFO_KHR, .pipeline = pipeline};
    VkPipelineExecutablePropertiesKHR properties = {.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_PROPERTIES_KHR};
    uint32_t count = 1; /* a compute pipeline is one executable */
    get(device, &info, &count, &properties);
    fprintf(file, "Subgroup size\t%u\n", properties.subgroupSize);
    VkPipelineExecutableInfoKHR executable = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, .pipeline = pipeline, .executableIndex = 0};
    write_figures(file, device, &executable);
    write_listing(file, device, &executable);
    fclose(file);
}

/* ---- calls that do more than RADV's ---- */

static VKAPI_ATTR VkResult VKAPI_CALL create_device(VkPhysicalDevice gpu, const VkDeviceCreateInfo *asked,
                                                    const VkAllocationCallbacks *allocator, VkDevice *device) {
    VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR feature = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR,
        .pNext = (void *)asked->pNext,
        .pipelineExecutableInfo = VK_TRUE};
    uint32_t count = asked->enabledExtensionCount;
    const char **extensions = calloc(count + 1, sizeof *extensions);
    for (uint32_t i = 0; i < count; i++) extensions[i] = asked->ppEnabledExtensionNames[i];
    extensions[count] = VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME;
    VkDeviceCreateInfo extended = *asked;
    extended.pNext = &feature;
    extended.enabledExtensionCount = count + 1;
    extended.ppEnabledExtensionNames = extensions;
    VkResult result = next_create_device(gpu, &extended, allocator, device);
    free(extensions);
    return result;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_compute_pipelines(VkDevice device, VkPipelineCache cache, uint32_t count,
                                                               const VkComputePipelineCreateInfo *asked,
                                                               const VkAllocationCallbacks *allocator,
                                                               VkPipeline *pipelines) {
    PFN_vkCreateComputePipelines next =
        (PFN_vkCreateComputePipelines)next_of_device(device, "vkCreateComputePipelines");
    for (uint32_t i = 0; i < count; i++) {
        VkComputePipelineCreateInfo info = asked[i];
        info.flags |= VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR |
                      VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR;
        VkResult result = next(device, cache, 1, &info, allocator, &pipelines[i]);
        if (result != VK_SUCCESS) return result;
        describe(device, pipelines[i]);
    }
    return VK_SUCCESS;
}

/* In the place of any call: its arguments are the caller's to clean up, its result reads as VK_SUCCESS. */
static VkResult succeed(void) {
    return VK_SUCCESS;
}

static bool is_work(const char *name) {
    static const char *const names[] = {"vkBeginCommandBuffer", "vkEndCommandBuffer", "vkResetCommandBuffer",
                                        "vkQueueSubmit",        "vkQueueSubmit2",     "vkQueueSubmit2KHR",
                                        "vkQueueWaitIdle",      "vkDeviceWaitIdle",   "vkWaitForFences",
                                        "vkGetFenceStatus"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) return true;
    return !strncmp(name, "vkCmd", 5);
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL device_function(VkDevice device, const char *name);

/* This driver's own function of that name, or `next`, RADV's. */
static PFN_vkVoidFunction choose(const char *name, PFN_vkVoidFunction next) {
    if (!next) return NULL;
    if (is_work(name)) return (PFN_vkVoidFunction)succeed;
    if (!strcmp(name, "vkCreateDevice")) {
        next_create_device = (PFN_vkCreateDevice)next;
        return (PFN_vkVoidFunction)create_device;
    }
    if (!strcmp(name, "vkGetDeviceProcAddr")) {
        next_of_device = (PFN_vkGetDeviceProcAddr)next;
        return (PFN_vkVoidFunction)device_function;
    }
    if (!strcmp(name, "vkCreateComputePipelines")) return (PFN_vkVoidFunction)create_compute_pipelines;
    return next;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL device_function(VkDevice device, const char *name) {
    return choose(name, next_of_device(device, name));
}

/* ---- what Vulkan's loader calls ---- */

VKAPI_ATTR VkResult VKAPI_CALL vk_icdNegotiateLoaderICDInterfaceVersion(uint32_t *version) {
    VkResult (*negotiate)(uint32_t *) = radv("vk_icdNegotiateLoaderICDInterfaceVersion");
    return negotiate(version);
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vk_icdGetInstanceProcAddr(VkInstance instance, const char *name) {
    next_of_instance = (PFN_vkGetInstanceProcAddr)radv("vk_icdGetInstanceProcAddr");
    return choose(name, next_of_instance(instance, name));
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL vk_icdGetPhysicalDeviceProcAddr(VkInstance instance, const char *name) {
    PFN_vkVoidFunction (*get)(VkInstance, const char *) = radv("vk_icdGetPhysicalDeviceProcAddr");
    return choose(name, get(instance, name));
}
