// The bytes of each token of a pass, for input rows that are computed from them one by one.
//
// bytes[p + 1, r] is the byte of token r at place p, from −1 to P; 256 before its first byte and behind the last that is read. exists[p, r] is 1
// where there is one, else 0; shares[p, r] is there one over the root of the bytes read of the token. starts[V + 1] cuts `spelling`, a list of
// bytes. Thread: one number of bytes.
KERNEL(256) tokenBytes(const int* RESTRICT tokens, const int* RESTRICT starts, const int* RESTRICT spelling,
    int* RESTRICT bytes, float* RESTRICT exists, float* RESTRICT shares, int rows, int places)
{
    i64 at = (i64)blockX() * 256 + threadX();
    if (at < (i64)rows * (places + 2))
    {
        int row = (int)(at % rows);
        int place = (int)(at / rows) - 1;
        int first = starts[tokens[row]];
        int length = starts[tokens[row] + 1] - first;
        int count = length < places ? length : places;
        bool has = place >= 0 && place < count;
        bytes[at] = has ? spelling[first + place] : 256;
        if (place >= 0 && place < places)
        {
            exists[at - rows] = has ? 1.0f : 0.0f;
            shares[at - rows] = has ? 1.0f / squareRoot((float)count) : 0.0f;
        }
    }
}
