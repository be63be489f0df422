namespace Embeddings.Cuda;

/// <summary>A call to the driver, the kernel compiler or the library of matrix products that failed.</summary>
public class CudaException : Exception
{
    /// <summary>A failure told in one sentence.</summary>
    public CudaException(string message)
        : base(message)
    {
    }

    /// <summary>A failed call.</summary>
    /// <param name="call">The function, such as <c>cuLaunchKernel</c>.</param>
    /// <param name="code">The name of its status, such as <c>CUDA_ERROR_INVALID_VALUE</c>.</param>
    /// <param name="status">Its number.</param>
    /// <param name="subject">What the call was about, such as the kernel's name; empty for nothing.</param>
    /// <param name="details">What the library says about it, in lines; empty for nothing.</param>
    public CudaException(string call, string code, int status, string subject, string details = "")
        : base($"{call}{(subject.Length == 0 ? "" : $" of {subject}")} failed with {code} ({status}){(details.Length == 0 ? "" : ":\n" + details)}.")
    {
        Call = call;
        Code = code;
        Status = status;
        Subject = subject;
    }

    /// <summary>The function that failed; empty where no call did.</summary>
    public string Call { get; } = "";

    /// <summary>The name of its status.</summary>
    public string Code { get; } = "";

    /// <summary>The number of its status.</summary>
    public int Status { get; }

    /// <summary>What the call was about.</summary>
    public string Subject { get; } = "";
}

/// <summary>There is no CUDA on this machine, or not enough of it.</summary>
/// <param name="reason">A sentence that says what is missing, without its full stop.</param>
/// <param name="remedy">What to do about it, to follow a semicolon; empty where nothing can be done.</param>
public sealed class CudaUnavailableException(string reason, string remedy = "")
    : CudaException(remedy.Length == 0 ? reason + "." : $"{reason}; {remedy}.")
{
    /// <summary>What is missing, in a sentence.</summary>
    public string Reason { get; } = reason + ".";
}

/// <summary>The device's memory does not suffice.</summary>
public sealed class OutOfDeviceMemoryException(string message) : CudaException(message);
